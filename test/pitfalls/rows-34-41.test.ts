import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/google/port.js';
import { cancelable, type Clock, type OperationOptions } from '../../src/index.js';
import { Job } from '../../src/operation/job/job.js';
import { createEmulator, createVirtualClock } from '../../src/testing/index.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { createHoldingClock } from '../support/holding-clock.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';
import { endless, noStream, startWith } from './support.js';

it("#34 interrupt hits someone else's job: only the named one is cancelled", async () => {
  const { clock, emulator, images } = setup();
  const [mine, other, third] = [images.start(lighthouse), images.start(lighthouse), images.start(lighthouse)];
  await clock.advance(1_000);
  await resolution(clock, mine.cancel());
  expect(await resolution(clock, images.cancel(third.jobs[0]?.name ?? 'none'))).toMatchObject({ outcome: 'cancelled' });
  expect((await resolution(clock, other.result())).generatedImages).toHaveLength(1);
  expect(emulator.meter.requestsTo('cancel').map(({ job }) => job)).toEqual([mine.jobs[0]?.name, third.jobs[0]?.name]);
});

it('#35 one failing cancel stops the others: they go out side by side', async () => {
  const { clock, emulator, operation } = startWith([endless, { kind: 'hang', route: 'cancel', job: 0 }, { kind: 'status', route: 'cancel', status: 400, job: 1 }], { images: 4 }); // prettier-ignore
  await clock.advance(1_000);
  const report = await resolution(clock, operation.cancel());
  const { jobs } = emulator.meter;
  for (const { cancelRequestedAt } of jobs.slice(2)) expect(cancelRequestedAt).toBe(report.requestedAt);
  expect(report.outcome).toBe('unconfirmed');
  expect(report.jobs.map(({ state }) => state).slice(2)).toEqual(['cancelled', 'cancelled']);
  expect(report.leftovers).toMatchObject([{ name: jobs[0]?.name }, { name: jobs[1]?.name }]);
});

it("#36 the caller's reason is sent to the server: it stays here", async () => {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock });
  const sent: Promise<string>[] = [];
  // It waits for no body: the clock knows of those only that the emulator reads.
  const listening = (input: Request | URL | string, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const words = `${request.url}\n${JSON.stringify([...request.headers])}\n`;
    sent.push(
      request
        .clone()
        .text()
        .then((body) => words + body),
    );
    return emulator.fetch(request);
  };
  const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { fetch: listening } }); // prettier-ignore
  const operation = cancelable(ai, { clock }).start(lighthouse);
  await clock.advance(1_000);
  await resolution(clock, operation.cancel(new Error('the-secret-reason')));
  expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
  const all = (await Promise.all(sent)).join('\n');
  expect(all).toContain('/cancel');
  expect(all).not.toContain('the-secret-reason');
});

it('#37 abort wins over a terminal result already in hand: the result does', async () => {
  const controller = new AbortController();
  const { clock, emulator, operation } = startWith([], { cancelSignal: controller.signal });
  // The status is final, and nobody has been told of the end yet.
  operation.on('image', () => controller.abort());
  const error = await rejection(clock, operation.result());
  expect(error).toMatchObject({
    report: { outcome: 'completed-anyway', jobs: [{ state: 'succeeded', cancelRequests: 0 }] },
  });
  expect(error).toHaveProperty('report.response.generatedImages.0.image.imageBytes');
  expect(emulator.meter.requestsTo('cancel')).toEqual([]);
});

it('#37 abort wins over a terminal result already in hand: nor does a status that is read later', () => {
  const backend = {
    name: 'interactions',
    cancelable: true,
    nameOf: (id: string) => id,
  } as unknown as Backend;
  const job = new Job([0], backend, { changed: () => undefined, unknownStatus: () => undefined });
  job.take({ type: 'named', id: 'a' });
  const completed = { id: 'a', status: 'completed', phase: 'succeeded' } as const;
  const cancelled = { id: 'a', status: 'cancelled', phase: 'cancelled' } as const;
  for (const status of [completed, cancelled]) job.observe(status, 1);
  expect([job.end, job.needsOutput, job.lastStatus]).toEqual([undefined, true, 'completed']);
  for (const status of [{ ...completed, outputs: [{ refusal: 'No.' }] }, cancelled]) job.observe(status, 2);
  expect([job.end?.kind, job.state, job.lastStatus]).toEqual(['completed', 'succeeded', 'completed']);
});

it('#38 `cancelled` later turns `completed`: the first terminal status is what is reported', async () => {
  const cancelled = { kind: 'json', route: 'get', body: { id: 'x', status: 'cancelled' }, skip: 3, times: 1 } as const;
  const { clock, emulator, operation } = startWith([noStream, { kind: 'cancel-ignored' }, cancelled]);
  await clock.advance(1_100);
  const report = await resolution(clock, operation.cancel());
  expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ lastStatus: 'cancelled' }] });
  await clock.advance(60_000);
  expect(emulator.meter.jobs).toMatchObject([{ endReason: 'completed' }]);
  expect([operation.state, await operation.cancel()]).toEqual(['cancelled', report]);
  expect(clock.pendingTimers).toBe(0);
});

it('#39 an abandoned handle keeps the process alive: timers do so only while somebody waits, or it is cancelled', async () => {
  const virtual = createVirtualClock();
  const { clock, pending, isHeld } = createHoldingClock(virtual);
  const { images } = setup({ emulator: { clock: virtual, faults: [endless] }, client: { clock, timeoutMs: 600_000 } });
  const operation = images.start(lighthouse);
  await virtual.advance(1_000);
  expect([pending() > 0, isHeld()]).toEqual([true, false]);
  const waiting = new AbortController();
  operation.result(waiting).catch(() => undefined);
  expect(isHeld()).toBe(true);
  waiting.abort();
  await virtual.settle();
  expect(isHeld()).toBe(false);
  const report = operation.cancel();
  expect(isHeld()).toBe(true);
  await resolution(virtual, report);
  expect(pending()).toBe(0);
});

describe('#40 timers over 2^31-1 ms fire at once', () => {
  const cases: readonly (readonly [string, OperationOptions])[] = [
    ['timeoutMs', { timeoutMs: 2 ** 33 }],
    ['cancelTimeoutMs', { cancelTimeoutMs: 2 ** 33 }],
    ['limits.submitMs', { limits: { submitMs: 2 ** 33 } }],
    ['limits.watchMs', { limits: { watchMs: 2 ** 33 } }],
    ['limits.pollMs', { limits: { pollMs: 2 ** 33 } }],
    ['limits.salvageMs', { backend: 'models', limits: { salvageMs: 2 ** 33 } }],
  ];
  it.each(cases)('#40 timers over 2^31-1 ms fire at once: %s is clamped', async (name, options) => {
    const delays: number[] = [];
    const virtual = createVirtualClock();
    const clock: Clock = {
      now: () => virtual.now(),
      clearTimeout: (timer) => virtual.clearTimeout(timer),
      setTimeout: (callback, delayMs) => {
        delays.push(delayMs);
        // As the platform does.
        return virtual.setTimeout(callback, delayMs > 2 ** 31 - 1 ? 1 : delayMs);
      },
    };
    const { images } = setup({ emulator: { clock: virtual, faults: [noStream] }, client: { clock } });
    const operation = images.start(lighthouse, options);
    operation.on('warning', () => undefined);
    await virtual.advance(3_000);
    expect(operation.state).toBe('running');
    const made: unknown[] = [];
    operation.on('image', ({ image }) => made.push(image));
    const report = await resolution(virtual, operation.cancel());
    const isLasting = name === 'limits.salvageMs';
    expect(report.outcome).toBe(isLasting ? 'not-cancelable' : 'cancelled');
    await virtual.advance(10_000);
    expect(made).toHaveLength(isLasting ? 1 : 0);
    if (name !== 'limits.watchMs') expect(Math.max(...delays)).toBe(2 ** 31 - 1);
  });
});

describe('#41 an AbortSignal handed to the SDK is deaf after the next garbage collection', () => {
  it('#41 an AbortSignal handed to the SDK is deaf after the next garbage collection: none is', async () => {
    const { ai, clock, emulator, images } = setup({ emulator: { faults: [noStream] } });
    const options: unknown[] = [];
    for (const name of ['create', 'get', 'cancel'] as const) {
      const call = ai.interactions[name].bind(ai.interactions) as (...args: unknown[]) => unknown;
      Object.assign(ai.interactions, {
        [name]: (...args: unknown[]) => {
          options.push(args.at(-1));
          return call(...args);
        },
      });
    }
    const controller = new AbortController();
    const operation = images.start(lighthouse, { cancelSignal: controller.signal });
    await clock.advance(1_000);
    collectGarbage();
    controller.abort();
    await rejection(clock, operation.result());
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(options.length).toBeGreaterThanOrEqual(4);
    for (const given of options) expect(given).not.toHaveProperty('signal');
  });
});
