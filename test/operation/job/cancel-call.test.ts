import { describe, expect, it } from 'vitest';
import type { CancelReport } from '../../../src/index.js';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, resolution, setup, type Setup } from '../../support/setup.js';

/** The stream is out of reach, so that only status reads can tell how a job ended. */
const noStream: Fault = { kind: 'status', route: 'stream', status: 404 };

interface Stopped extends Setup {
  readonly report: CancelReport;
  readonly tookMs: number;
}

/** Cancels a job that has run for a while. */
async function stopWith(faults: readonly Fault[], afterMs = 1_000): Promise<Stopped> {
  const all = setup({ emulator: { faults } });
  const operation = all.images.start(lighthouse);
  await all.clock.advance(afterMs);
  const startedAt = all.clock.now();
  const report = await resolution(all.clock, operation.cancel());
  return { ...all, report, tookMs: all.clock.now() - startedAt };
}

describe('the cancel call', () => {
  it('is retried: answered 503 twice, it is delivered the third time', async () => {
    const { report, emulator } = await stopWith([{ kind: 'status', route: 'cancel', status: 503, times: 2 }]);
    expect(emulator.meter.requestsTo('cancel').map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ cancelRequests: 3 }] });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });

  it.each<Fault>([
    { kind: 'status', route: 'cancel', status: 408, times: 1 },
    { kind: 'status', route: 'cancel', status: 429, times: 1 },
    { kind: 'status', route: 'cancel', status: 500, times: 1 },
    { kind: 'reset', route: 'cancel', when: 'before', times: 1 },
    { kind: 'garbage', route: 'cancel', times: 1 },
    { kind: 'hang', route: 'cancel', when: 'before', times: 1 },
  ])('is retried after $kind $status', async (fault) => {
    const { report, emulator } = await stopWith([fault]);
    expect(report.outcome).toBe('cancelled');
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(2);
  });

  it.each([
    ['1', 1_000],
    ['60', 2_000],
  ])('waits as the server asks (Retry-After: %s), within reason', async (retryAfter, waitedMs) => {
    const { report, emulator } = await stopWith([
      { kind: 'status', route: 'cancel', status: 429, headers: { 'retry-after': retryAfter }, times: 1 },
    ]);
    expect(report.outcome).toBe('cancelled');
    const [first, second] = emulator.meter.requestsTo('cancel').map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBe(waitedMs);
  });

  it('answered 499 counts as delivered, and is confirmed by a status read', async () => {
    const { report, emulator } = await stopWith([{ kind: 'cancel-499', route: 'cancel' }, noStream]);
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ cancelRequests: 1, lastStatus: 'cancelled' }] });
    const [job] = report.jobs;
    expect(job?.acknowledgedAt).toBeTypeOf('number');
    expect(job?.confirmedAt).toBeTypeOf('number');
    const after = emulator.meter.requests.slice(
      emulator.meter.requests.findIndex(({ route }) => route === 'cancel') + 1,
    );
    expect(after.map(({ route, status }) => [route, status])).toContainEqual(['get', 200]);
  });

  it.each([400, 403, 404, 409] as const)(
    'answered %i is looked into: the job still runs, so it is asked again',
    async (status) => {
      const { report, emulator } = await stopWith([{ kind: 'status', route: 'cancel', status, times: 1 }]);
      expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ cancelRequests: 2 }] });
      expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    },
  );

  it('answered by an error never counts as cancelled', async () => {
    const { report, emulator } = await stopWith([
      { kind: 'status', route: 'cancel', status: 404 },
      { kind: 'end', status: 'pondering' },
    ]);
    expect(report.outcome).toBe('unconfirmed');
    expect(report.jobs[0]).not.toHaveProperty('confirmedAt');
    expect(report.jobs[0]).not.toHaveProperty('acknowledgedAt');
    expect(emulator.meter.running()).toHaveLength(1);
  });

  it('answered 200 never counts as cancelled either: it may have lost the race', async () => {
    const { report, emulator } = await stopWith([{ kind: 'cancel-ignored', route: 'cancel' }]);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'completed' }]);
    expect(report.outcome).toBe('completed-anyway');
    expect(report.response?.generatedImages[0]?.image?.imageBytes).toBeTypeOf('string');
    expect(report.billing.expectation).toBe('full');
  });

  it('is sent once more when the job still runs 2 s after it was acknowledged', async () => {
    const { report, emulator } = await stopWith([{ kind: 'cancel-ignored', route: 'cancel', times: 1 }]);
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ cancelRequests: 2 }] });
    const [first, second] = emulator.meter.requestsTo('cancel').map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBe(2_000);
  });

  it('is sent twice at most once it was acknowledged', async () => {
    const { report, emulator } = await stopWith([
      { kind: 'cancel-ignored', route: 'cancel' },
      { kind: 'end', status: 'pondering' },
    ]);
    expect(report.outcome).toBe('unconfirmed');
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(2);
  });

  it('gives the server time: a cancel that takes effect later is waited for', async () => {
    const { report, tookMs } = await stopWith([{ kind: 'cancel-lag', route: 'cancel', ms: 1_500 }]);
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ cancelRequests: 1 }] });
    expect(tookMs).toBeGreaterThanOrEqual(1_500);
  });

  it('never answered: the report comes within the budget, with what may still run', async () => {
    const { report, tookMs, emulator, clock } = await stopWith([
      { kind: 'hang', route: 'cancel', when: 'before' },
      { kind: 'hang', route: 'get' },
      { kind: 'silent', route: 'stream' },
      { kind: 'end', status: 'pondering' },
    ]);
    expect(tookMs).toBe(8_000);
    const name = emulator.meter.jobs[0]?.name ?? '';
    expect(report).toMatchObject({
      outcome: 'unconfirmed',
      leftovers: [{ name, howToCancel: `npx --no genai-cancel cancel ${name}` }],
      billing: { expectation: 'unknown' },
    });
    // The watch goes on, to learn how the job ends, until no status could be read for `limits.watchMs`.
    await clock.advance(1_200_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is confirmed by the terminal event of the stream when reads are refused', async () => {
    const { report } = await stopWith([{ kind: 'status', route: 'get', status: 403 }]);
    expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ lastStatus: 'cancelled' }] });
  });

  it('answered too early by a job that has completed meanwhile: the image is in the report', async () => {
    const { report, emulator } = await stopWith([noStream], 4_100);
    // The poll has not seen it yet; the server has.
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'completed' }]);
    expect(report).toMatchObject({
      outcome: 'completed-anyway',
      jobs: [{ lastStatus: 'completed', cancelRequests: 1 }],
    });
    expect(report.response?.generatedImages).toHaveLength(1);
  });

  it('takes a failure that came first for what it is', async () => {
    const { report } = await stopWith([noStream, { kind: 'fail', message: 'out of paint' }], 4_100);
    expect(report).toMatchObject({
      outcome: 'failed-anyway',
      jobs: [{ lastStatus: 'failed', error: { code: 'FAILED' } }],
    });
  });

  it.each([400, 404, 409, 200] as const)('whatever a cancel after the end answers (%i)', async (cancelAfterEnd) => {
    const { clock, images } = setup({ emulator: { cancelAfterEnd, faults: [noStream] } });
    const operation = images.start(lighthouse);
    await clock.advance(4_100);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'completed-anyway' });
  });
});

describe('cancelTimeoutMs', () => {
  it('bounds the report', async () => {
    const { clock, images } = setup({
      emulator: {
        faults: [
          { kind: 'hang', route: 'cancel' },
          { kind: 'end', status: 'pondering' },
        ],
      },
      client: { cancelTimeoutMs: 1_234 },
    });
    const operation = images.start(lighthouse);
    await clock.advance(500);
    const report = await resolution(clock, operation.cancel());
    expect(report.settledAt - report.requestedAt).toBe(1_234);
    expect(report.outcome).toBe('unconfirmed');
  });
});
