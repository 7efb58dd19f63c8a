import { describe, expect, it, vi } from 'vitest';
import { memoryJournal, type Operation, type OperationEvent } from '../../src/index.js';
import { createCancelable } from '../../src/client/cancelable.js';
import { plainPlatform } from '../../src/operation/platform.js';
import { createDeferred } from '../../src/util/deferred.js';
import { DESTINATION, putRows, setupVertex, SOURCE } from '../google/batches/vertex-setup.js';
import { lighthouse, resolution, setup, WORK_MS } from '../support/setup.js';

/** The events of an operation as they come, and when their iterator ended. */
function listen(
  operation: Operation,
  now: () => number,
): { events: OperationEvent[]; endedAt: () => number | undefined } {
  const events: OperationEvent[] = [];
  let endedAt: number | undefined;
  void (async () => {
    for await (const event of operation.events()) events.push(event);
    endedAt = now();
  })();
  return { events, endedAt: () => endedAt };
}

const codesOf = (events: readonly OperationEvent[]): unknown[] =>
  events.map((event) => (event.type === 'warning' ? event.code : event.type));

describe('events()', () => {
  it('ends with `settled` where nothing can come any more', async () => {
    const { clock, images } = setup();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    const { events, endedAt } = listen(operation, () => clock.now());
    await resolution(clock, operation.result());
    await clock.settle();
    expect(events.at(-1)?.type).toBe('settled');
    expect(endedAt()).toBe(events.at(-1)?.at);
  });

  it('ends with the last image of the requests that cannot be cancelled', async () => {
    const { clock, images } = setup();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } }, { backend: 'models', maxConcurrency: 2 }); // prettier-ignore
    const { events, endedAt } = listen(operation, () => clock.now());
    const startedAt = clock.now();
    await clock.advance(1_000);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'not-cancelable' });
    expect([codesOf(events).at(-1), endedAt()]).toEqual(['settled', undefined]);
    await clock.advance(WORK_MS);
    expect(codesOf(events).slice(-3)).toEqual(['settled', 'image', 'image']);
    expect((endedAt() ?? 0) - startedAt).toBeLessThan(WORK_MS + 1_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends when the time for those images is over', async () => {
    const { clock, images } = setup({ emulator: { workMs: 600_000 } });
    const operation = images.start(lighthouse, { backend: 'models', limits: { salvageMs: 5_000 } });
    const { events, endedAt } = listen(operation, () => clock.now());
    await clock.advance(1_000);
    const { settledAt } = await resolution(clock, operation.cancel());
    await clock.advance(60_000);
    expect([codesOf(events).at(-1), (endedAt() ?? 0) - settledAt]).toEqual(['settled', 5_000]);
  });

  it('ends with the warning of a late name', async () => {
    const delay = { kind: 'delay', route: 'create', ms: 30_000 } as const;
    const { clock, images } = setup({ emulator: { faults: [delay], workMs: 600_000 } });
    const operation = images.start(lighthouse);
    const { events, endedAt } = listen(operation, () => clock.now());
    await clock.advance(100);
    await resolution(clock, operation.cancel());
    expect([codesOf(events).at(-1), endedAt()]).toEqual(['settled', undefined]);
    await clock.advance(40_000);
    expect(codesOf(events).slice(-2)).toEqual(['settled', 'late-job-cancelled']);
    expect(endedAt()).toBe(events.at(-1)?.at);
  });

  it('does not wait for ever for a create that is never answered', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'hang', route: 'create' }] } });
    const operation = images.start(lighthouse);
    const { events, endedAt } = listen(operation, () => clock.now());
    await clock.advance(100);
    const { settledAt } = await resolution(clock, operation.cancel());
    await clock.advance(600_000);
    expect([codesOf(events).at(-1), (endedAt() ?? 0) - settledAt]).toEqual(['settled', 120_000]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('that is asked for after `settled` has that, and what comes later', async () => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse, { backend: 'models' });
    operation.on('warning', () => undefined);
    await clock.advance(1_000);
    await resolution(clock, operation.cancel());
    const { events } = listen(operation, () => clock.now());
    await clock.advance(WORK_MS);
    expect(codesOf(events)).toEqual(['settled', 'image']);
    expect(events[1]).toMatchObject({ index: 0, image: { imageBytes: expect.any(String) as string } });
  });
});

describe('usage', () => {
  it('is what the server has reported so far, added up over the jobs', async () => {
    const { clock, images } = setup({
      emulator: { faults: [{ kind: 'delay', route: 'create', ms: 2_000, when: 'before', skip: 1 }] },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    const settled: unknown[] = [];
    operation.on('settled', ({ usage }) => settled.push(usage));
    expect(operation.usage).toBeUndefined();
    await clock.advance(1_000);
    expect(operation.usage).toBeUndefined();
    await clock.advance(WORK_MS);
    const one = operation.usage;
    expect(one?.totalTokens).toBeGreaterThan(0);
    await resolution(clock, operation.result());
    expect(operation.usage).toEqual({
      totalInputTokens: 2 * (one?.totalInputTokens ?? 0),
      totalOutputTokens: 2 * (one?.totalOutputTokens ?? 0),
      totalTokens: 2 * (one?.totalTokens ?? 0),
      outputImageTokens: 2 * (one?.outputImageTokens ?? 0),
    });
    expect(settled).toEqual([operation.usage]);
  });

  it('is in the report as well, and is left out where the server has told none', async () => {
    for (const usageWhenCancelled of [true, false]) {
      const { clock, images } = setup({ emulator: { usageWhenCancelled } });
      const operation = images.start(lighthouse);
      const settled: object[] = [];
      operation.on('settled', (event) => settled.push(event));
      await clock.advance(1_000);
      const report = await resolution(clock, operation.cancel());
      expect(report.billing.usage).toEqual(operation.usage);
      expect(operation.usage === undefined).toBe(!usageWhenCancelled);
      expect(settled.map((event) => 'usage' in event)).toEqual([usageWhenCancelled]);
    }
  });
});

describe('onImage', () => {
  it('gets the image of a request that cannot be cancelled once, also after the report', async () => {
    const { clock, images } = setup();
    const onImage = vi.fn();
    const operation = images.start(lighthouse, { backend: 'models', onImage });
    await clock.advance(1_000);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'not-cancelable' });
    await clock.advance(WORK_MS);
    expect(onImage).toHaveBeenCalledOnce();
  });

  it('keeps the operation among those that a signal waits for as long as it is at work', async () => {
    const { ai, clock } = setup();
    const written = createDeferred<undefined>();
    const release = vi.fn();
    const register = (): { gate: () => undefined; release: () => void } => ({ gate: () => undefined, release });
    const images = createCancelable({ ...plainPlatform, register })(ai, { clock });
    const operation = images.start(lighthouse, { backend: 'models', onImage: () => written.promise });
    await clock.advance(1_000);
    await resolution(clock, operation.cancel());
    await clock.advance(WORK_MS);
    expect(release).not.toHaveBeenCalled();
    written.resolve(undefined);
    await clock.advance(0);
    expect(release).toHaveBeenCalledOnce();
  });
});

describe('a batch on Vertex that completes after its report', () => {
  it.each([
    ['keeps its record where its images were not fetched, and those who have them have not taken them', true, 1],
    ['needs no record once they were taken', false, 0],
  ])('%s', async (_, isSlow, count) => {
    const { ai, clock, emulator, storage } = setupVertex({ faults: [{ kind: 'cancel-ignored' }] });
    const journal = memoryJournal({ clock });
    const images = createCancelable(plainPlatform)(ai, { clock, journal });
    putRows(emulator, ['one', 'two']);
    const onImage = (): unknown => (isSlow ? new Promise(() => undefined) : undefined);
    const options = { model: lighthouse.model, destination: DESTINATION, storage, onImage, cancelTimeoutMs: 500 };
    const operation = images.startBatch(SOURCE, options);
    operation.on('warning', () => undefined);
    await clock.advance(100);
    const [{ name = '' } = {}] = operation.jobs;
    const reports = [operation.cancel(), images.cancel(name)];
    expect(await resolution(clock, Promise.all(reports))).toMatchObject([
      { outcome: 'unconfirmed' },
      { outcome: 'unconfirmed' },
    ]);
    await clock.advance(60_000);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'completed' }]);
    expect((await journal.list()).entries).toHaveLength(count);
  });
});
