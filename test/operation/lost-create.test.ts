import { describe, expect, it, vi } from 'vitest';
import type { CancelableBackend, JobStatus } from '../../src/backends/backend.js';
import type { OperationContext } from '../../src/operation/context.js';
import { cancelTwins, findLostCreate } from '../../src/operation/lost-create.js';
import { Timers } from '../../src/operation/timers.js';
import { createVirtualClock } from '../../src/testing/index.js';
import { cancelableBackend, jobWith } from '../support/jobs.js';
import { resolution } from '../support/setup.js';

const running: JobStatus = { id: 'found', status: 'in_progress', phase: 'running' };
const never = new Promise<never>(() => undefined);
const failing = (status?: number): Promise<never> => Promise.reject(Object.assign(new Error('no'), { status }));

/** A list that answers in these ways, one look after the other, and then always in the last; and when it was looked into. */
function listThat(...answers: (() => Promise<readonly string[]>)[]) {
  const clock = createVirtualClock();
  const startedAt = clock.now();
  const at: number[] = [];
  const names: string[] = [];
  const find = vi.fn((displayName: string) => {
    names.push(displayName);
    at.push(clock.now() - startedAt);
    return (answers.length > 1 ? answers.shift() : answers[0])?.() ?? Promise.resolve([]);
  });
  const read = vi.fn(() => Promise.resolve(running));
  const cancel = vi.fn((): Promise<void> => Promise.resolve());
  const backend = cancelableBackend({ find, read, cancel }) as CancelableBackend;
  const warnings: string[] = [];
  const recorder = { suspectTwins: vi.fn(), twinsOver: vi.fn() };
  const context = {
    timers: new Timers(clock),
    warn: (code: string, message: string) => warnings.push(`${code}: ${message}`),
    recorder,
  } as unknown as OperationContext;
  return { clock, at, names, read, cancel, backend, warnings, recorder, context, job: jobWith({ backend }) };
}

const found =
  (...ids: string[]) =>
  (): Promise<string[]> =>
    Promise.resolve(ids);

describe('findLostCreate()', () => {
  it('looks for the display name of the job until the list has it, for a quarter of a minute', async () => {
    const { clock, at, names, backend, context, job } = listThat(found());
    expect(await resolution(clock, findLostCreate(job, backend, context))).toBe('not-found');
    expect(at).toEqual([0, 1_000, 3_000, 7_000, 15_000]);
    expect(new Set(names)).toEqual(new Set([job.displayName]));
  });

  it('looks as often as it is told', async () => {
    const { clock, at, backend, context, job } = listThat(found());
    await resolution(clock, findLostCreate(job, backend, context, 1));
    expect(at).toEqual([0]);
  });

  it('reads what it finds, and looks no more', async () => {
    const { clock, at, read, backend, context, job } = listThat(found(), found('found', 'another'));
    expect(await resolution(clock, findLostCreate(job, backend, context))).toEqual({ status: running });
    expect(at).toEqual([0, 1_000]);
    expect(read.mock.calls).toEqual([['found', 15_000, [0]]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on when it cannot be read', async () => {
    const { clock, at, read, backend, context, job } = listThat(found('found'));
    read.mockReturnValueOnce(never).mockImplementationOnce(() => failing());
    expect(await resolution(clock, findLostCreate(job, backend, context))).toEqual({ status: running });
    expect(at).toEqual([0, 16_000, 18_000]);
  });

  it('knows nothing if the list could not be read once', async () => {
    const { clock, backend, context, job } = listThat(() => failing(500));
    expect(await resolution(clock, findLostCreate(job, backend, context))).toBe('unknown');
    expect(await findLostCreate(job, cancelableBackend() as CancelableBackend, context)).toBe('unknown');
  });

  it('knows that there is none if it could be read once', async () => {
    const { clock, at, backend, context, job } = listThat(found(), () => never);
    expect(await resolution(clock, findLostCreate(job, backend, context))).toBe('not-found');
    expect(at[2]).toBe(18_000);
  });
});

describe('cancelTwins()', () => {
  it('looks twice, and cancels whatever else has the display name, once', async () => {
    const { clock, at, cancel, backend, warnings, recorder, context, job } = listThat(
      found('own', 'b'),
      found('own', 'b', 'c'),
    );
    job.accepted('own');
    const done = cancelTwins(job, backend, context);
    expect(recorder.suspectTwins.mock.calls).toEqual([[job]]);
    await resolution(clock, done);
    expect(at).toEqual([15_000, 75_000]);
    expect(cancel.mock.calls).toEqual([
      ['b', 15_000],
      ['c', 15_000],
    ]);
    expect(warnings).toEqual([
      'twin-cancelled: interactions/b was a twin of interactions/own: it was asked to cancel.',
      'twin-cancelled: interactions/c was a twin of interactions/own: it was asked to cancel.',
    ]);
    expect(recorder.twinsOver.mock.calls).toEqual([[job, []]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on when the list cannot be read, and ends where there is none', async () => {
    const { clock, cancel, backend, recorder, context, job } = listThat(() => never, found('b'));
    await resolution(clock, cancelTwins(job, backend, context));
    expect(cancel).toHaveBeenCalledOnce();
    await resolution(clock, cancelTwins(job, cancelableBackend() as CancelableBackend, context));
    expect(recorder.twinsOver).toHaveBeenCalledTimes(2);
  });

  it('takes 499 for an answer', async () => {
    const { clock, cancel, backend, warnings, context, job } = listThat(found('b'));
    cancel.mockImplementation(() => failing(499));
    await resolution(clock, cancelTwins(job, backend, context));
    expect(cancel).toHaveBeenCalledOnce();
    expect(warnings).toEqual(['twin-cancelled: interactions/b was a twin of a job: it was asked to cancel.']);
  });

  it('tries again what was refused, and then takes it for cancelled', async () => {
    const { clock, cancel, backend, warnings, recorder, context, job } = listThat(found('b'));
    cancel.mockImplementationOnce(() => failing(503));
    await resolution(clock, cancelTwins(job, backend, context));
    expect(cancel).toHaveBeenCalledTimes(2);
    expect(warnings).toHaveLength(1);
    expect(recorder.twinsOver.mock.calls).toEqual([[job, []]]);
  });

  it.each([
    [400, []],
    [404, []],
    [409, []],
    [500, ['interactions/b']],
    [undefined, ['interactions/b']],
  ])('tells of one that could not be cancelled (%s), and leaves in the journal what may run', async (status, left) => {
    const { clock, cancel, backend, warnings, recorder, context, job } = listThat(found('b'));
    cancel.mockImplementation(() => failing(status));
    await resolution(clock, cancelTwins(job, backend, context));
    expect(warnings).toEqual([
      "twin-uncancelled: interactions/b is a twin of a job, and could not be cancelled (no). If it runs, stop it with: npx genai-cancel cancel interactions/b. If it has ended, it has made images that were paid for: `attach('interactions/b')` fetches them.",
    ]);
    expect(recorder.twinsOver.mock.calls).toEqual([[job, left]]);
  });

  it('gives up a cancel that is not answered', async () => {
    const { clock, cancel, backend, recorder, context, job } = listThat(found('b'));
    cancel.mockReturnValue(never);
    await resolution(clock, cancelTwins(job, backend, context));
    expect(cancel).toHaveBeenCalledTimes(2);
    expect(recorder.twinsOver.mock.calls).toEqual([[job, ['interactions/b']]]);
  });
});
