import { describe, expect, it, vi } from 'vitest';
import type { Operation } from '../../../src/index.js';
import type { Fault, RequestRecord } from '../../../src/testing/index.js';
import { lighthouse, resolution, setup, type Setup } from '../../support/setup.js';

const noStream: Fault = { kind: 'status', route: 'stream', status: 404 };
const endless: Fault = { kind: 'end', status: 'pondering' };

interface Started extends Setup {
  readonly operation: Operation;
  readonly reads: () => readonly RequestRecord[];
}

function start(faults: readonly Fault[], pollMs = 1_000): Started {
  const all = setup({ emulator: { faults } });
  const operation = all.images.start(lighthouse, { limits: { pollMs } });
  operation.on('warning', () => undefined);
  return { ...all, operation, reads: () => all.emulator.meter.requestsTo('get') };
}

/** The most reads that were on their way at a time. */
function mostAtATime(reads: readonly RequestRecord[], now: number): number {
  const intervals = reads.map(({ at, answeredAt = now }) => [at, answeredAt] as const);
  return Math.max(...intervals.map(([at]) => intervals.filter(([from, to]) => from <= at && at < to).length));
}

describe('the one watcher of a job', () => {
  it.each([0, 100, 300, 900, 1_000])(
    'never sends two status reads at a time, when each takes 700 ms and the cancel comes after %i ms more',
    async (ms) => {
      const { clock, operation, reads } = start([noStream, { kind: 'delay', route: 'get', ms: 700 }, endless]);
      await clock.advance(5_000 + ms);
      await resolution(clock, operation.cancel());
      expect(reads().length).toBeGreaterThan(3);
      expect(mostAtATime(reads(), clock.now())).toBe(1);
    },
  );

  it.each<Fault>([
    { kind: 'status', route: 'cancel', status: 403 },
    { kind: 'status', route: 'cancel', status: 503 },
    { kind: 'hang', route: 'cancel', when: 'before' },
    { kind: 'cancel-ignored', route: 'cancel' },
  ])('nor while the cancel is sent again and again: $kind $status', async (fault) => {
    const { clock, emulator, operation, reads } = start([
      noStream,
      { kind: 'delay', route: 'get', ms: 400 },
      fault,
      endless,
    ]);
    await clock.advance(5_000);
    const before = reads().length;
    const report = await resolution(clock, operation.cancel());
    expect(report.outcome).toBe('unconfirmed');
    expect(emulator.meter.requestsTo('cancel').length).toBeGreaterThan(1);
    expect(reads().length - before).toBeGreaterThan(3);
    expect(mostAtATime(reads(), clock.now())).toBe(1);
  });

  it('nor beside a stream that says nothing', async () => {
    const slow: Fault = { kind: 'delay', route: 'get', ms: 400 };
    const { clock, emulator, operation, reads } = start([{ kind: 'silent', route: 'stream' }, slow, endless]);
    await clock.advance(45_000);
    await resolution(clock, operation.cancel());
    expect(reads().length).toBeGreaterThan(2);
    expect(mostAtATime(reads(), clock.now())).toBe(1);
    expect(emulator.meter.requestsTo('stream')).toHaveLength(1);
  });

  it('reads right after the answer to the cancel, and then waits longer each time', async () => {
    const { clock, emulator, operation, reads } = start([noStream, { kind: 'delay', route: 'cancel', ms: 300 }, { kind: 'cancel-lag', ms: 3_000 }], 60_000); // prettier-ignore
    await clock.advance(1_000);
    const before = reads().length;
    await resolution(clock, operation.cancel());
    const [{ answeredAt = 0 } = {}] = emulator.meter.requestsTo('cancel');
    const times = reads().slice(before).map(({ at }) => at - answeredAt); // prettier-ignore
    expect(times).toEqual([0, 100, 350, 850, 1_850, 2_850]);
  });

  it('reads after a second where the cancel is not answered', async () => {
    const hanging: Fault = { kind: 'hang', route: 'cancel', when: 'after', times: 1 };
    const { clock, operation, reads } = start([noStream, hanging], 60_000);
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ cancelRequests: 1 }] });
    expect(report.jobs[0]).not.toHaveProperty('acknowledgedAt');
    expect((reads().at(-1)?.at ?? 0) - report.requestedAt).toBe(1_000);
  });
});

describe('what hangs does not hold up a cancel', () => {
  it.each<[string, readonly Fault[], number]>([
    // So long the read that is on its way may still be answered.
    ['a status read', [noStream, { kind: 'hang', route: 'get', skip: 1, times: 1 }], 1_000],
    ['the opening of a stream', [{ kind: 'hang', route: 'stream' }], 0],
    ['a stream', [{ kind: 'silent', route: 'stream' }], 0],
  ])('%s', async (_, faults, withinMs) => {
    const { clock, emulator, operation } = start(faults);
    await clock.advance(3_000);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ cancelRequests: 1 }] });
    expect(emulator.meter.requestsTo('cancel')[0]?.at).toBe(report.requestedAt);
    expect(report.settledAt - report.requestedAt).toBeLessThanOrEqual(withinMs);
    await clock.advance(60_000);
    expect([emulator.meter.openStreams, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('a stream that is opened after the end is closed', async () => {
    const late: Fault = { kind: 'delay', route: 'stream', ms: 5_000 };
    const { clock, emulator, operation } = start([late]);
    await clock.advance(1_000);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
    await clock.advance(10_000);
    expect(emulator.meter.openStreams).toBe(0);
  });

  it('a read that hangs after the cancel is given up after three seconds', async () => {
    const { clock, operation, reads } = start([noStream, { kind: 'hang', route: 'get', skip: 1, times: 1 }], 60_000);
    await clock.advance(1_000);
    const before = reads().length;
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'cancelled' });
    const times = reads().slice(before).map(({ at }) => at - report.requestedAt); // prettier-ignore
    expect(times).toEqual([0, 3_100]);
  });
});

describe('a crowd', () => {
  it('gives a read that had to queue the short time of a cancel that came meanwhile', async () => {
    const faults: readonly Fault[] = [noStream, { kind: 'hang', route: 'cancel', when: 'before' }, endless];
    const { ai, clock, images } = setup({ emulator: { faults } });
    for (let index = 0; index < 40; index++)
      images.start(lighthouse, { limits: { pollMs: 2_000 } }).on('warning', () => undefined);
    await clock.advance(1_950);
    const get = vi.spyOn(ai.interactions, 'get');
    const cancelled = images.cancelAll();
    // The reads are due, and wait until the first cancels are given up.
    await clock.advance(1_950);
    expect(get).not.toHaveBeenCalled();
    await clock.advance(50);
    const timeouts = get.mock.calls.map(([, , options]) => options?.timeout);
    expect(timeouts.length).toBeGreaterThanOrEqual(40);
    expect(new Set(timeouts)).toEqual(new Set([3_000]));
    await resolution(clock, cancelled);
  });
});

describe('the cancel', () => {
  it('does not end the watch: a cancel that lost the race is found out, and the image delivered', async () => {
    const { clock, operation } = start([noStream, { kind: 'cancel-ignored', route: 'cancel' }]);
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report.outcome).toBe('completed-anyway');
    expect(report.response?.generatedImages).toHaveLength(1);
  });

  it('is confirmed by the terminal event of the stream, without a read', async () => {
    const { clock, operation, reads } = start([{ kind: 'delay', route: 'get', ms: 2_000 }]);
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ lastStatus: 'cancelled' }] });
    expect(reads().filter(({ answeredAt }) => answeredAt !== undefined)).toEqual([]);
  });
});
