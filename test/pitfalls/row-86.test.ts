import { GoogleGenAI } from '@google/genai';
import { expect, it } from 'vitest';
import { cancelable, type Clock, type Operation } from '../../src/index.js';
import { createEmulator, createVirtualClock, type Emulator, type Fault, type VirtualClock } from '../../src/testing/index.js'; // prettier-ignore
import { lighthouse, rejection, resolution } from '../support/setup.js';

const HOUR = 3_600_000;
const noStream: Fault = { kind: 'status', route: 'stream', status: 404 };

interface Sleeper {
  readonly clock: VirtualClock;
  readonly emulator: Emulator;
  readonly operation: Operation;
  /** The clock jumps; what waits for a timer does not notice. */
  readonly jump: (ms: number) => void;
}

/** A job on a machine whose clock can jump between two timers. */
function sleeper(faults: readonly Fault[], watchMs = 600_000, workMs = 60_000, isMonotonic = false): Sleeper {
  const clock = createVirtualClock();
  let jumpedMs = 0;
  const jumping: Clock = {
    now: () => clock.now() + jumpedMs,
    ...(isMonotonic ? { elapsed: () => clock.now() } : {}),
    setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
    clearTimeout: (timer) => clock.clearTimeout(timer),
  };
  const emulator = createEmulator({ clock, workMs, faults: [noStream, ...faults] });
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: emulator.fetch } });
  const operation = cancelable(ai, { clock: jumping, limits: { watchMs } }).start(lighthouse);
  operation.on('warning', () => undefined);
  return { clock, emulator, operation, jump: (ms) => void (jumpedMs += ms) };
}

it.each([
  ['sleeps for an hour', HOUR],
  ['sleeps for a week', 168 * HOUR],
  ['is set back by an hour', -HOUR],
])('#86 the machine %s between two failed reads: the watch goes on', async (_, ms) => {
  const { clock, operation, jump } = sleeper([{ kind: 'reset', route: 'get', skip: 2, times: 3 }]);
  await clock.advance(5_000);
  jump(ms);
  await clock.advance(1_000);
  jump(ms);
  expect(await resolution(clock, operation.result())).toHaveProperty('generatedImages.0.image');
});

it('#86 the machine sleeps while a read hangs: the watch goes on', async () => {
  const { clock, operation, jump } = sleeper([{ kind: 'hang', route: 'get', skip: 1, times: 2 }]);
  await clock.advance(4_000);
  jump(HOUR);
  await clock.advance(20_000);
  jump(HOUR);
  expect(await resolution(clock, operation.result())).toHaveProperty('generatedImages.0.image');
});

it('#86 a watch whose clock jumps is abandoned after as many reads as any other', async () => {
  const tries = async (...jumps: readonly number[]): Promise<number> => {
    const { clock, emulator, operation, jump } = sleeper(
      [{ kind: 'status', route: 'get', status: 500 }],
      120_000,
      HOUR,
    );
    for (const ms of jumps) {
      await clock.advance(20_000);
      jump(ms);
    }
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'WATCH_LOST' });
    return emulator.meter.requestsTo('get').length;
  };
  const usual = await tries();
  expect(await tries(HOUR, HOUR)).toBe(usual);
  expect(await tries(-HOUR, -2 * HOUR)).toBe(usual);
});

it('#86 the time of trying begins with the first failed read after the last success', async () => {
  const { clock, emulator, operation } = sleeper(
    [{ kind: 'status', route: 'get', status: 500, skip: 20 }],
    60_000,
    HOUR,
  );
  expect(await rejection(clock, operation.result())).toMatchObject({ code: 'WATCH_LOST' });
  const reads = emulator.meter.requestsTo('get');
  const lastedMs = clock.now() - (reads[20]?.at ?? 0);
  expect(lastedMs).toBeGreaterThanOrEqual(60_000);
  expect(lastedMs).toBeLessThan(80_000);
});

it.each([
  ['forward', HOUR],
  ['back', -HOUR],
])('#86 the wall clock goes %s while a create waits: it is sent again all the same, and as soon', async (_, ms) => {
  const busy: Fault = { kind: 'status', route: 'create', status: 429, times: 2 };
  const { clock, emulator, operation, jump } = sleeper([busy], 600_000, 1_000, true);
  await clock.advance(100);
  jump(ms);
  await clock.advance(1_500);
  jump(ms);
  expect(await resolution(clock, operation.result())).toHaveProperty('generatedImages.0.image');
  const [first, , last] = emulator.meter.requestsTo('create').map(({ at }) => at);
  expect((last ?? Infinity) - (first ?? 0)).toBeLessThan(10_000);
});

it.each([
  ['forward', HOUR],
  ['back', -HOUR],
])('#86 the wall clock goes %s during a cancel: its budget stays', async (_, ms) => {
  const { clock, operation, jump } = sleeper([{ kind: 'hang', route: 'cancel' }, { kind: 'hang', route: 'get' }], 600_000, HOUR, true); // prettier-ignore
  await resolution(clock, operation.submitted());
  const startedAt = clock.now();
  const report = operation.cancel();
  await clock.advance(1_000);
  jump(ms);
  expect(await resolution(clock, report)).toMatchObject({ outcome: 'unconfirmed' });
  expect(clock.now() - startedAt).toBe(8_000);
});
