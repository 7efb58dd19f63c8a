import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { OperationEvent } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { leftOutOn } from '../support/runtime.js';
import { resolution, WORK_MS } from '../support/setup.js';
import { endless, noStream, startWith, ways } from './support.js';

it.each(ways)('#15 a poller that lives on after the end: nothing is asked any more by $name', async (way) => {
  const { clock, emulator, operation } = startWith([noStream, { kind: 'cancel-ignored' }, { ...endless, lastsMs: 60_000 }], { way }); // prettier-ignore
  await clock.advance(2_000);
  await resolution(clock, operation.cancel());
  // An unconfirmed job is watched until its end, to learn from it.
  await clock.advance(120_000);
  const asked = emulator.meter.requests.length;
  await clock.advance(3_600_000);
  expect(emulator.meter.requests).toHaveLength(asked);
  expect(clock.pendingTimers).toBe(0);
});

it('#16 `for await` never ends after an abort: every iterator ends', async () => {
  const controller = new AbortController();
  const { clock, operation } = startWith([endless], { cancelSignal: controller.signal });
  const types = async (events: AsyncIterable<OperationEvent>): Promise<string | undefined> => {
    let last: string | undefined;
    for await (const { type } of events) last = type;
    return last;
  };
  const leaving = new AbortController();
  const loops = [types(operation.events()), types(operation.events())];
  const left = types(operation.events({ signal: leaving.signal }));
  left.catch(() => undefined);
  await clock.advance(1_000);
  leaving.abort('bored');
  await expect(left).rejects.toBe('bored');
  controller.abort();
  for (const loop of loops) expect(await resolution(clock, loop)).toBe('settled');
});

it.each(ways)('#17 one abort listener left per successful call: none by $name', async (way) => {
  const { signal } = new AbortController();
  for (let call = 0; call < 3; call++) {
    const { clock, operation } = startWith([], { way, cancelSignal: signal, config: { abortSignal: signal } });
    await resolution(clock, operation.result({ signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  }
});

it('#18 a late abort cancels finished work: it does nothing', async () => {
  const controller = new AbortController();
  const { clock, emulator, operation } = startWith([], { cancelSignal: controller.signal, timeoutMs: WORK_MS * 3 });
  const response = await resolution(clock, operation.result());
  const asked = emulator.meter.requests.length;
  controller.abort();
  await operation.cancel();
  await clock.advance(WORK_MS * 4);
  expect(operation.state).toBe('succeeded');
  expect(await operation.result()).toBe(response);
  expect(emulator.meter.requests).toHaveLength(asked);
});

it.each(ways)('#19 cancel by delete destroys the paid result: nothing of $name is deleted', async (way) => {
  const { clock, emulator, operation } = startWith([{ kind: 'delay', route: way.create, ms: 2_000, when: 'before', skip: 1 }], { way, images: 2 }); // prettier-ignore
  await clock.advance(WORK_MS + 1_500);
  await resolution(clock, operation.cancel());
  await clock.advance(60_000);
  expect(emulator.meter.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
  expect(emulator.meter.jobs.filter(({ deleted }) => deleted)).toEqual([]);
});

it('#20 cancel kills the status poll, so the result is lost: the watch outlives it', async () => {
  // Only the stream can tell that the cancel lost the race, and only it has the image.
  const { clock, operation } = startWith([{ kind: 'status', route: 'get', status: 403 }, { kind: 'cancel-ignored' }]);
  await clock.advance(1_000);
  const report = await resolution(clock, operation.cancel());
  expect(report.outcome).toBe('completed-anyway');
  expect(report.response?.generatedImages[0]?.image?.imageBytes).toBeTypeOf('string');
});

it('#21 an `error` event without a listener crashes: there is none', async () => {
  for (const faults of [
    [{ kind: 'fail' }],
    [{ kind: 'status', route: 'create', status: 400 }],
    [endless],
  ] as readonly Fault[][]) {
    const { clock, operation } = startWith(faults);
    const types = (async () => {
      const seen: string[] = [];
      for await (const { type } of operation.events()) seen.push(type);
      return seen;
    })();
    await clock.advance(5_000);
    void operation.cancel();
    expect(await resolution(clock, types)).not.toContain('error');
  }
});

const noProcess = leftOutOn({
  Chromium: 'A page has no `process` to listen to; what is unhandled in one fails the whole run.',
});
it('#22 rejection before a handler is attached: never unhandled', noProcess, async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  try {
    for (const faults of [
      [{ kind: 'fail' }],
      [{ kind: 'status', route: 'create', status: 400 }],
      [endless],
    ] as readonly Fault[][]) {
      const { clock, operation } = startWith(faults, { timeoutMs: 6_000 });
      void operation.submitted();
      void operation.result();
      void operation.result({ signal: AbortSignal.abort('bored') });
      await clock.advance(60_000);
      expect(operation.state).not.toBe('running');
    }
    startWith([{ kind: 'fail' }]).operation.off('warning');
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', note);
    for (const listener of others) process.on('unhandledRejection', listener);
  }
  expect(unhandled).toEqual([]);
});

it('#23 aborting one waiter poisons the others: it ends its own waiting', async () => {
  const { clock, emulator, operation } = startWith([]);
  const controller = new AbortController();
  const waits: readonly Promise<unknown>[] = [
    operation.result(controller),
    operation.submitted(controller),
    operation.events(controller).next(),
  ];
  for (const wait of waits) wait.catch(() => undefined);
  const patient = operation.result();
  controller.abort('bored');
  for (const wait of waits) await expect(wait).rejects.toBe('bored');
  expect((await resolution(clock, patient)).generatedImages).toHaveLength(1);
  await operation.submitted();
  expect(emulator.meter.requestsTo('cancel')).toEqual([]);
});

describe('#24 sleep that abort cannot end', () => {
  const busy = { kind: 'status', status: 503, headers: { 'retry-after': '20' } } as const;
  it.each([
    ['before the next create', { ...busy, route: 'create' }, 'not-started', 0],
    ['before the next status read', noStream, 'cancelled', 200],
    ['before the next stream', { kind: 'reset', route: 'stream' }, 'cancelled', 200],
  ] as const)('#24 sleep that abort cannot end: not %s', async (_, fault, outcome, withinMs) => {
    const { clock, operation } = startWith([fault], { limits: { pollMs: 60_000 } });
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report.outcome).toBe(outcome);
    expect(report.settledAt - report.requestedAt).toBeLessThanOrEqual(withinMs);
    await clock.settle();
    expect(clock.pendingTimers).toBe(0);
  });
});
