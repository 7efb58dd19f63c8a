import { describe, expect, it, vi } from 'vitest';
import { phaseOf } from '../../../src/google/interactions/parse-interaction.js';
import type { JobOutput, JobStatus } from '../../../src/google/port.js';
import { Job } from '../../../src/operation/job/job.js';
import { cancelableBackend, failure, jobWith, lastingBackend } from '../../support/jobs.js';

const status = (word: string, output?: JobOutput): JobStatus => ({
  id: 'a',
  status: word,
  phase: phaseOf(word),
  ...(output === undefined ? {} : { outputs: [output] }),
});

function watchedJob(): { job: Job; states: string[] } {
  const states: string[] = [];
  const listener = { changed: (changed: Job) => states.push(changed.state), unknownStatus: () => undefined };
  const job = new Job([0], cancelableBackend(), listener);
  job.take({ type: 'sent' });
  job.take({ type: 'named', id: 'a' });
  return { job, states };
}

describe('a job', () => {
  it('takes the first terminal status for the truth', () => {
    const { job, states } = watchedJob();
    job.observe(status('completed', { refusal: 'no' }), 1);
    job.observe(status('cancelled'), 2);
    expect(job.report()).toMatchObject({ lastStatus: 'completed', confirmedAt: 1 });
    expect(states).toEqual(['succeeded']);
    const { job: another } = watchedJob();
    another.observe(status('cancelled'), 1);
    another.observe(status('completed'), 2);
    expect(another.report()).toMatchObject({ lastStatus: 'cancelled', confirmedAt: 1 });
  });

  it('does not go back to its queue when a stream replays', () => {
    const { job, states } = watchedJob();
    for (const word of ['queued', 'in_progress', 'queued', 'in_progress']) job.observe(status(word), 1);
    expect(states).toEqual(['queued', 'running']);
  });

  it('that has completed waits for what it made, whatever an older status says', () => {
    const { job } = watchedJob();
    job.observe(status('completed'), 1);
    expect([job.needsOutput, job.end]).toEqual([true, undefined]);
    job.observe(status('in_progress'), 2);
    expect([job.needsOutput, job.lastStatus]).toEqual([true, 'completed']);
    job.observe(status('completed', { image: { imageBytes: 'x' } }), 3);
    expect(job.end).toEqual({ kind: 'completed', outputs: [{ image: { imageBytes: 'x' } }] });
    expect(job.over.aborted).toBe(true);
  });

  it('tells the operation what has changed, and only that', () => {
    const { job, states } = watchedJob();
    const running = { id: 'a', status: 'in_progress', phase: 'running' } as const;
    job.observe(running, 1);
    job.observe(running, 2);
    expect(states).toEqual(['running']);
    job.observe({ ...running, progress: { completed: 1, total: 2 } }, 3);
    job.observe({ ...running, progress: { completed: 1, total: 2 } }, 4);
    expect(states).toHaveLength(2);
    job.observe({ ...running, status: 'in_another_progress' }, 5);
    expect(states).toHaveLength(3);
  });

  it('tells of a status that nobody has documented once, and goes on', () => {
    const unknownStatus = vi.fn();
    const job = new Job([0], cancelableBackend(), { changed: () => undefined, unknownStatus });
    job.take({ type: 'named', id: 'a' });
    for (const word of ['in_progress', 'pondering', 'pondering', 'dreaming']) job.observe(status(word), 1);
    expect(unknownStatus).toHaveBeenCalledTimes(2);
    expect([job.state, job.lastStatus]).toEqual(['running', 'dreaming']);
  });

  it('tells of no more than five of them', () => {
    const unknownStatus = vi.fn();
    const job = new Job([0], cancelableBackend(), { changed: () => undefined, unknownStatus });
    job.take({ type: 'named', id: 'a' });
    for (let word = 0; word < 7; word++) job.observe(status(`word ${word}`), 1);
    expect(unknownStatus).toHaveBeenCalledTimes(5);
    expect(job.lastStatus).toBe('word 6');
  });

  it('is as far as it has been seen to be', () => {
    const { job } = watchedJob();
    job.take({ type: 'sent' });
    job.observe(status('pondering'), 1);
    expect(job.state).toBe('submitting');
    job.observe(status('queued'), 1);
    expect(job.state).toBe('queued');
    for (const word of ['in_progress', 'pondering', 'queued']) job.observe(status(word), 1);
    expect(job.state).toBe('running');
  });

  it('has an error only if there is one', () => {
    const { job } = watchedJob();
    job.observe(status('completed', { refusal: 'no' }), 1);
    expect(Object.keys(job.snapshot())).not.toContain('error');
    expect(jobWith({ end: failure }).snapshot()).toHaveProperty('error');
  });

  it('keeps the usage that the server told last', () => {
    const job = jobWith({ status: { usage: { totalTokens: 7 } } });
    job.observe(status('in_progress'), 1);
    expect(job.facts.usage).toEqual({ totalTokens: 7 });
  });

  it('says why the server ended it', () => {
    const failed = jobWith({ status: { status: 'failed', phase: 'failed', message: 'out of paint' } });
    expect(failed.snapshot().error?.message).toBe('The server ended the job with status failed: out of paint.');
  });

  it('has an error if somebody else cancelled it, and none if it was cancelled from here', () => {
    const other = jobWith({ status: { status: 'cancelled', phase: 'cancelled' } });
    expect(other.snapshot()).toMatchObject({ state: 'cancelled', error: { code: 'FAILED', jobs: [{ index: 0 }] } });
    const own = jobWith({ status: {} });
    own.take({ type: 'cancel-sent' });
    own.observe(status('cancelled'), 2);
    expect(own.snapshot()).not.toHaveProperty('error');
  });

  it('says how the server ended it, also without a reason', () => {
    const stopped = jobWith({ status: { status: 'requires_action', phase: 'stopped' } });
    expect(stopped.snapshot()).toMatchObject({
      state: 'failed',
      lastStatus: 'requires_action',
      error: {
        message: 'The server ended the job with status requires_action.',
        code: 'FAILED',
        jobs: [{ state: 'failed', name: 'interactions/a' }],
      },
    });
  });

  it('keeps its first end, and ends every wait for it', async () => {
    const job = jobWith();
    job.finish({ kind: 'not-started' });
    job.finish({ kind: 'cancelled' });
    expect([job.state, job.end, job.over.aborted]).toEqual(['not-started', { kind: 'not-started' }, true]);
    await expect(job.named.promise).rejects.toThrow('The job was not started.');
    const error = new Error('It has failed.');
    const failed = jobWith({ end: { kind: 'failed', failure: () => error } });
    await expect(failed.named.promise).rejects.toBe(error);
  });

  it('that only learns from what it made how many images there are has none before', () => {
    const job = jobWith({ indices: [], status: {} });
    expect([job.indices, job.index, job.progress]).toEqual([[], 0, { completed: 0, total: 0 }]);
    job.observe({ ...status('in_progress'), progress: { completed: 1, total: 3 } }, 1);
    expect(job.progress).toEqual({ completed: 1, total: 3 });
    const outputs: JobOutput[] = [{ refusal: 'no' }, { failure: 'no' }, { elsewhere: 'gs://b' }];
    job.observe({ id: 'a', status: 'completed', phase: 'succeeded', outputs }, 2);
    expect([job.indices, job.progress]).toEqual([[0, 1, 2], { completed: 2, total: 3 }]);
    expect(job.reference()).toMatchObject({ index: 0, indices: [0, 1, 2] });
  });

  it('goes by its plan where it has one', () => {
    const job = jobWith({ indices: [4, 5], status: { progress: { completed: 1, total: 9 } } });
    expect([job.index, job.progress]).toEqual([4, { completed: 1, total: 2 }]);
    expect(job.reference()).toStrictEqual({
      index: 4,
      indices: [4, 5],
      backend: 'interactions',
      name: 'interactions/a',
      state: 'running',
      lastStatus: 'in_progress',
    });
    expect(jobWith({ indices: [4] }).reference()).toStrictEqual({
      index: 4,
      backend: 'interactions',
      state: 'waiting',
    });
  });

  it('has a display name to be found by where the API can list', () => {
    const job = jobWith({ backend: cancelableBackend({ find: () => Promise.resolve([]) }) });
    expect(job.reference().displayName).toBe(job.displayName);
    expect(job.displayName).toMatch(/^genai-cancel-[0-9a-f]{32}$/);
    expect(jobWith().displayName).not.toBe(job.displayName);
  });

  it('has what there is while what it made is still to be fetched', () => {
    const pending: JobOutput[] = [{ elsewhere: 'gs://b' }];
    const completing = { status: 'completed', phase: 'succeeded', pending, results: 'gs://b' } as const;
    const job = jobWith({ status: completing });
    expect([job.needsOutput, job.results, job.reference().results]).toEqual([true, 'gs://b', 'gs://b']);
    expect(jobWith({ status: { ...completing, phase: 'running' } }).needsOutput).toBe(false);
    expect(jobWith({ status: completing, end: { kind: 'cancelled' } }).needsOutput).toBe(false);
  });

  it('is awaited from its slot on until the server has named it or it has ended', () => {
    expect([jobWith().isAwaited, jobWith({ status: {} }).isAwaited]).toEqual([false, false]);
    const job = jobWith();
    job.take({ type: 'admitted' });
    expect([job.isAwaited, job.isAccepted]).toEqual([true, false]);
    job.take({ type: 'named', id: 'a' });
    expect([job.isAwaited, job.isAccepted]).toEqual([false, true]);
    const ended = jobWith();
    ended.take({ type: 'admitted' });
    ended.finish({ kind: 'not-started' });
    expect([ended.isAwaited, ended.isAccepted]).toEqual([false, false]);
  });

  it('without a name is accepted while the transport has its request', () => {
    const lasting = jobWith({ backend: lastingBackend() });
    lasting.take({ type: 'admitted' });
    lasting.take({ type: 'sent' });
    expect([lasting.isAwaited, lasting.isAccepted]).toEqual([true, false]);
    lasting.take({ type: 'handed-over' });
    expect([lasting.isAccepted, lasting.state, lasting.name]).toEqual([true, 'running', undefined]);
    lasting.take({ type: 'returned' });
    expect([lasting.isAwaited, lasting.isAccepted, lasting.state]).toEqual([true, false, 'waiting']);
  });

  it('tells in a report what was done for it, and when', () => {
    const job = jobWith({ status: {} });
    for (const type of ['cancel-sent', 'cancel-sent'] as const) job.take({ type });
    job.take({ type: 'cancel-acknowledged', at: 5 });
    job.observe(status('cancelled'), 7);
    expect(job.report()).toStrictEqual({
      index: 0,
      backend: 'interactions',
      name: 'interactions/a',
      state: 'cancelled',
      lastStatus: 'cancelled',
      cancelRequests: 2,
      acknowledgedAt: 5,
      confirmedAt: 7,
    });
    expect(jobWith({ end: failure }).report()).toMatchObject({ error: { message: 'It has failed.' } });
  });
});
