import { describe, expect, it } from 'vitest';
import type { JobState, OperationSnapshot } from '../../../src/index.js';
import type { Fault } from '../../../src/testing/index.js';
import { createMachine, LEASE_MS } from '../../support/machine.js';
import { lighthouse, rejection, resolution, setup, settle } from '../../support/setup.js';

const ENDED = 'where it was started; what it may have made cannot be fetched from here.';
const LOST = 'its answer is for the process that had sent it';

/** Attaches to an operation whose only job has no name, and was recorded in this state. */
async function attachedTo(backend: 'interactions' | 'models', state: JobState) {
  const { clock, emulator, images } = setup();
  const snapshot: OperationSnapshot = {
    ...images.start(lighthouse, { cancelSignal: AbortSignal.abort() }).toJSON(),
    backend,
    jobs: [{ index: 0, backend, state }],
  };
  const operation = images.attach(snapshot);
  operation.on('warning', () => undefined);
  const error = (await rejection(clock, operation.result())) as Error;
  await clock.advance(600_000);
  return { error, job: operation.jobs[0], requests: emulator.meter.requests, clock };
}

describe.each(['interactions', 'models'] as const)('attached to a job of %s that has no name', (backend) => {
  it.each<[JobState, JobState, string]>([
    // A create that was recorded before it was sent may have been sent since.
    ['waiting', 'unknown', LOST],
    ['not-started', 'not-started', 'It had never been started.'],
    ['submitting', 'unknown', LOST],
    ['queued', 'unknown', LOST],
    ['running', 'unknown', LOST],
    ['unknown', 'unknown', LOST],
    ['succeeded', 'failed', `It had ended as succeeded ${ENDED}`],
    ['failed', 'failed', `It had ended as failed ${ENDED}`],
    ['cancelled', 'failed', `It had ended as cancelled ${ENDED}`],
  ])('and was %s, it is %s, and sends nothing', async (state, end, message) => {
    const { error, job, requests, clock } = await attachedTo(backend, state);
    expect(job?.state).toBe(end);
    expect(error.message).toContain(message);
    const codes: Partial<Record<JobState, string>> = { unknown: 'RESPONSE_LOST', 'not-started': 'NOT_SENT' };
    expect(error).toMatchObject({ code: codes[end] ?? 'FAILED', jobs: [{ state: end }] });
    expect([requests.length, clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('attached to a batch that has no name', () => {
  it.each([
    [60_000, 7],
    [60_001, 1],
  ])('and was sent %i ms ago, it is looked for %i times', async (ago, looks) => {
    const { clock, emulator, images } = setup();
    const original = images.startBatch([{ prompt: 'a' }], {
      model: lighthouse.model,
      cancelSignal: AbortSignal.abort(),
    });
    const snapshot = original.toJSON();
    await clock.advance(ago);
    const jobs = snapshot.jobs.map((job) => ({ ...job, state: 'submitting' as const }));
    const result = await settle(clock, images.attach({ ...snapshot, jobs }).result());
    expect(result).toMatchObject({
      reason: { message: expect.stringContaining('no job of its display name is listed') as string },
    });
    expect(emulator.meter.requestsTo('batch-list')).toHaveLength(looks);
  });

  it('and is found when another process has taken it over, it is left to that one', async () => {
    const faults: Fault[] = [
      { kind: 'reset', route: 'batch-create', when: 'after', times: 1 },
      { kind: 'list-lag', ms: LEASE_MS + 10_000 },
    ];
    const machine = createMachine({ workMs: 10 * LEASE_MS, faults });
    const { clock, emulator } = machine;
    const first = machine.start();
    first.images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
    await clock.advance(100);
    first.kill();
    await clock.advance(LEASE_MS);
    const second = machine.start();
    const recovered = (await resolution(clock, second.images.recover({ policy: 'attach' }))).operations;
    await clock.advance(2_000);
    const thaw = second.freeze();
    await clock.advance(LEASE_MS);
    await resolution(clock, machine.start().images.recover({ policy: 'attach' }));
    const looks = emulator.meter.requestsTo('batch-list').length;
    thaw();
    expect(await rejection(clock, Promise.resolve(recovered[0]?.operation.result()))).toMatchObject({
      code: 'TAKEN_OVER',
    });
    await clock.advance(30_000);
    expect(emulator.meter.requestsTo('batch-list').length).toBeGreaterThan(looks);
    expect(emulator.meter.requestsTo('batch-cancel')).toEqual([]);
  });

  it('and cannot be looked for, nobody can tell', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'status', route: 'batch-list', status: 403 }] } });
    const original = images.startBatch([{ prompt: 'a' }], {
      model: lighthouse.model,
      cancelSignal: AbortSignal.abort(),
    });
    const snapshot = original.toJSON();
    const jobs = snapshot.jobs.map((job) => ({ ...job, state: 'unknown' as const }));
    expect(await rejection(clock, images.attach({ ...snapshot, jobs }).result())).toMatchObject({
      code: 'RESPONSE_LOST',
      message: expect.stringContaining('the list cannot be read') as string,
    });
  });
});
