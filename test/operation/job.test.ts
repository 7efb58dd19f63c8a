import { describe, expect, it } from 'vitest';
import { phaseOf } from '../../src/backends/interactions/parse-interaction.js';
import type { Backend, JobOutput, JobStatus } from '../../src/backends/backend.js';
import { Job } from '../../src/operation/job.js';

const status = (word: string, output?: JobOutput): JobStatus => ({
  id: 'a',
  status: word,
  phase: phaseOf(word),
  ...(output === undefined ? {} : { outputs: [output] }),
});

function watchedJob(): { job: Job; states: string[] } {
  const states: string[] = [];
  const listener = { changed: (changed: Job) => states.push(changed.state), unknownStatus: () => undefined };
  const job = new Job(
    [0],
    {
      name: 'interactions',
      cancellable: true,
      nameOf: (id: string) => `interactions/${id}`,
      redact: (text: string) => text,
    } as Backend,
    listener,
  );
  job.submitting();
  job.accepted('a');
  return { job, states };
}

describe('a job', () => {
  it('takes the first terminal status for the truth', () => {
    const { job, states } = watchedJob();
    job.observe(status('completed', { refusal: 'no' }), 1);
    job.observe(status('cancelled'), 2);
    expect(job.report()).toMatchObject({ lastStatus: 'completed', confirmedAt: 1 });
    expect(states).toEqual(['succeeded']);
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
});
