import { expect, it } from 'vitest';
import { memoryJournal } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, settle, setup, WORK_MS, QUEUE_MS } from '../support/setup.js';
import { endless, noStream } from './support.js';

/** What somebody may give in place of options, and what the error says of it. */
const notOptions: readonly (readonly [value: never, message: string])[] = [
  [null as never, 'Expected `options` to be an object, got null.'],
  ['cancel' as never, 'Expected `options` to be an object, got a string.'],
  [7 as never, 'Expected `options` to be an object, got `7`'],
];

it('#69 options that are none: generateImages() and recover() reject with their own words', async () => {
  const { emulator, images } = setup({ client: { journal: memoryJournal() } });
  await expect(images.generateImages(lighthouse, { timeoutMs: 0 })).rejects.toThrow(RangeError);
  await expect(images.recover({ timeoutMs: 0 })).rejects.toThrow(RangeError);
  await expect(images.recover({ polcy: 'cancel' } as never)).rejects.toThrow('Did you mean `policy`?');
  await expect(images.recover({ policy: 'atach' } as never)).rejects.toThrow("got 'atach'. Did you mean `attach`?");
  for (const [value, message] of notOptions) {
    await expect(images.recover(value)).rejects.toThrow(message);
    await expect(images.generateImages(lighthouse, value)).rejects.toThrow(message);
  }
  expect(emulator.meter.requests).toEqual([]);
});

it('#69 options that are none: start() and attach() throw with their own words', () => {
  const { emulator, images } = setup();
  for (const [value, message] of notOptions) {
    expect(() => images.start(lighthouse, value)).toThrow(message);
    expect(() => images.attach('interactions/a', value)).toThrow(message);
  }
  expect(emulator.meter.requests).toEqual([]);
});

it.each([
  [0, RangeError],
  [-1, RangeError],
  [NaN, TypeError],
  [Infinity, RangeError],
  ['1000', TypeError],
])('#70 timeoutMs: %o starts no paid job', async (timeoutMs, kind) => {
  const { clock, emulator, images } = setup();
  const options = { timeoutMs } as { timeoutMs: number };
  expect(() => images.start(lighthouse, options)).toThrow(kind);
  expect(() => images.startBatch([{ prompt: 'a' }], { model: lighthouse.model, ...options })).toThrow(kind);
  expect(() => images.start(lighthouse, options)).toThrow('Expected `timeoutMs` to be ');
  await clock.advance(10_000);
  expect(emulator.meter.requests).toEqual([]);
});

it.each([-1, 0, 1])(
  '#79 a cancel %i ms beside the end: the state is `succeeded` if and only if result() resolves',
  async (ms) => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse);
    const result = operation.result();
    await clock.advance(QUEUE_MS + WORK_MS + ms);
    void operation.cancel();
    const { status } = await settle(clock, result);
    expect(operation.state === 'succeeded').toBe(status === 'fulfilled');
  },
);

it.each<[string, readonly Fault[]]>([
  ['loses the race', [{ kind: 'cancel-ignored', route: 'cancel' }]],
  ['finds a job that fails', [{ kind: 'fail', message: 'out of paint' }]],
])('#79 a cancel that %s: result() rejects, and the state is not `succeeded`', async (_, faults) => {
  const { clock, images } = setup({ emulator: { faults } });
  const operation = images.start(lighthouse);
  await clock.advance(1_000);
  const cancelled = operation.cancel();
  expect(await rejection(clock, operation.result())).toMatchObject({ name: 'AbortError' });
  await resolution(clock, cancelled);
  expect(operation.state).toBe('cancelled');
});

it.each([40, 400])(
  '#80 %i operations in flight: no status is read while their cancels are on the way',
  async (count) => {
    const slow: Fault = { kind: 'delay', route: 'cancel', ms: 1_500 };
    const { clock, emulator, images } = setup({ emulator: { faults: [noStream, endless, slow] } });
    for (let index = 0; index < count; index++)
      images.start(lighthouse, { limits: { pollMs: 2_000 } }).on('warning', () => undefined);
    await clock.advance(1_950);
    const before = emulator.meter.requests.length;
    const cancelled = images.cancelAll();
    // Every status is due after 50 ms.
    await clock.advance(1_499);
    const sent = emulator.meter.requests.slice(before);
    const cancels = sent.slice(0, count);
    expect(cancels.every(({ route }) => route === 'cancel')).toBe(true);
    expect(new Set(cancels.map(({ job }) => job)).size).toBe(count);
    expect(sent.filter(({ route }) => route === 'get')).toEqual([]);
    await resolution(clock, cancelled);
    expect(emulator.meter.running()).toEqual([]);
  },
);
