import { describe, expect, it } from 'vitest';
import type { Operation, OperationOptions } from '../../src/index.js';
import type { Fault, Meter } from '../../src/testing/index.js';
import { lighthouse, resolution, setup, type Setup } from '../support/setup.js';

interface Started extends Setup {
  readonly operation: Operation;
  /** Resolves to the most jobs that were on the server at a time, when all of them have ended. */
  readonly most: Promise<number>;
}

function start(numberOfImages: number, options: OperationOptions, faults: readonly Fault[] = []): Started {
  const all = setup({ emulator: { faults } });
  let most = 0;
  const done = all.emulator.waitFor((meter: Meter) => {
    most = Math.max(most, meter.running().length);
    return meter.jobs.length === numberOfImages && meter.running().length === 0;
  });
  const operation = all.images.start({ ...lighthouse, config: { numberOfImages } }, options);
  operation.on('warning', () => undefined);
  return { ...all, operation, most: done.then(() => most) };
}

describe('the number of jobs on the server at a time', () => {
  it.each<[string, number, OperationOptions]>([
    ['8 by default', 8, {}],
    ['8 of interactions that were asked for', 8, { backend: 'interactions' }],
    ['1 of requests that cannot be cancelled', 1, { backend: 'models' }],
    ['as many as the caller allows', 2, { maxConcurrency: 2 }],
    ['as many as the caller allows, also where they cannot be cancelled', 2, { backend: 'models', maxConcurrency: 2 }],
    ['all, where the caller allows that', 10, { maxConcurrency: 100 }],
  ])('is %s', async (_, limit, options) => {
    const { clock, operation, most } = start(10, options);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(10);
    expect(await most).toBe(limit);
  });

  it.each(['interactions', 'models'] as const)('is not used up by an answer that never comes (%s)', async (backend) => {
    const route = backend === 'interactions' ? 'create' : 'generateContent';
    const hanging: Fault = { kind: 'hang', route, times: 1 };
    const { clock, emulator, operation } = start(3, { backend, maxConcurrency: 1 }, [hanging]);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    expect(operation.jobs.map(({ state }) => state)).toEqual(['unknown', 'succeeded', 'succeeded']);
    expect(emulator.meter.requestsTo(route)).toHaveLength(3);
  });

  it('what was not sent yet never is after a cancel', async () => {
    const { clock, emulator, operation } = start(5, { maxConcurrency: 2 });
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({
      outcome: 'cancelled',
      counts: { made: 0, cancelled: 2, failed: 0, running: 0, notSent: 3 },
    });
    expect(report.jobs.map(({ state }) => state)).toEqual([
      'cancelled',
      'cancelled',
      'not-started',
      'not-started',
      'not-started',
    ]);
    await clock.advance(60_000);
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
  });
});

describe('names that come later', () => {
  const named = ({ jobs }: Pick<Operation, 'jobs'>): number => jobs.filter(({ name }) => name !== undefined).length;

  it('submitted() resolves with the first ones, and `submitted` fires again for each of the others', async () => {
    const { clock, operation } = start(4, { maxConcurrency: 2 });
    const events: number[] = [];
    operation.on('submitted', ({ jobs }) => events.push(named({ jobs })));
    await resolution(clock, operation.submitted());
    expect(named(operation)).toBe(2);
    expect(operation.jobs.map(({ state }) => state)).toEqual(['queued', 'queued', 'waiting', 'waiting']);
    await resolution(clock, operation.result());
    expect([events[0], events.at(-1)]).toEqual([2, 4]);
    expect(events).toEqual([...new Set(events)]);
  });

  it('the state is submitting until the first creates are decided, and then goes by the jobs', async () => {
    const late: Fault = { kind: 'delay', route: 'create', ms: 2_000, skip: 1, times: 1 };
    const { clock, operation } = start(3, { maxConcurrency: 2 }, [late]);
    const states: string[] = [];
    operation.on('state', ({ to }) => states.push(to));
    await clock.advance(1_900);
    expect([operation.state, operation.jobs[0]?.state]).toEqual(['submitting', 'running']);
    expect(operation.jobs[2]?.state).toBe('waiting');
    await clock.advance(200);
    expect(operation.state).toBe('running');
    await resolution(clock, operation.result());
    // The third one has its turn in the queue later, and does not make the operation go back.
    expect(states).toEqual(['running', 'succeeded']);
  });

  it('a first create that is refused decides as well', async () => {
    const refusal: Fault = { kind: 'status', route: 'create', status: 400, times: 1 };
    const { clock, operation } = start(3, { maxConcurrency: 2 }, [refusal]);
    await resolution(clock, operation.submitted());
    expect(operation.jobs.map(({ state }) => state).slice(0, 2)).toEqual(['not-started', 'queued']);
  });

  it('submitted() resolves for requests without a name when the transport has them', async () => {
    const { clock, emulator, operation } = start(3, { backend: 'models' });
    const submittedAt: number[] = [];
    operation.on('submitted', ({ at }) => submittedAt.push(at));
    await resolution(clock, operation.submitted());
    expect(operation.jobs.map(({ state }) => state)).toEqual(['running', 'waiting', 'waiting']);
    expect([operation.state, emulator.meter.requests.length]).toEqual(['running', 1]);
    await resolution(clock, operation.result());
    expect(submittedAt).toEqual(emulator.meter.requests.map(({ at }) => at));
  });
});
