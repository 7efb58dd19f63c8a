import type { WarningCode } from '../api/events.js';
import type { JobOutput } from '../google/port.js';
import type { Job } from './job/job.js';
import { howToFetch } from '../api/commands.js';
import type { ServerReference } from '../api/snapshot.js';

const MAX_NAMED = 10;

/** Describes the images that a completed job lacks: which ones failed and why, and which are stored elsewhere. */
export function endWarningsOf({ name, end, indices, facts }: Job): readonly { code: WarningCode; message: string }[] {
  if (end?.kind !== 'completed') return [];
  const failed = new Map<string, number[]>();
  let elsewhere: string | undefined;
  end.outputs.forEach((output, position) => {
    if ('elsewhere' in output) elsewhere = output.elsewhere;
    const why = whyOf(output, facts.cancelRequests > 0);
    if (why !== undefined) failed.set(why, [...(failed.get(why) ?? []), indices[position] ?? position]);
  });
  const failures = [...failed].map(([why, some]) => ({
    code: 'job-failed' as const,
    message: `${labelOf(some)}: ${why}`,
  }));
  if (elsewhere === undefined || end.failure !== undefined) return failures;
  const message = `The images of ${name ?? 'the job'} are in ${elsewhere}. They are not read from there, so the response is without them.`;
  return [...failures, { code: 'image-not-fetched', message }];
}

function whyOf(output: JobOutput, isCancelledHere: boolean): string | undefined {
  if ('failure' in output) return output.failure;
  return 'cancelled' in output && !isCancelledHere ? 'It was cancelled on the server, but not from here.' : undefined;
}

export function unknownStatusWarningOf({ name, lastStatus }: Job): string {
  return `${name ?? ''} has the status ${lastStatus ?? ''}, which is not documented. The library goes on watching it.`;
}

/** Describes a job that has completed, when there is no more time to fetch its images. */
export function notFetchedWarningOf({ name, results }: Job): string {
  const where = results === undefined ? '' : ` It lies in ${results}.`;
  return `${name ?? 'A job'} has ended, but what it made could not be fetched in time.${where}`;
}

function labelOf(indices: readonly number[]): string {
  const named = indices.slice(0, MAX_NAMED).join(', ');
  if (indices.length === 1) return `Image ${named}`;
  return indices.length > MAX_NAMED ? `Images ${named}, … (${indices.length} in all)` : `Images ${named}`;
}

export function notHandedOverWarningOf(job: Job, index: number, error: unknown, server: ServerReference): string {
  const why = error instanceof Error ? error.message : 'it rejected';
  const { name, results } = job;
  const hint = name === undefined ? '' : ` Fetch it with: ${howToFetch(name, server, results)}`;
  return `onImage has failed for image ${index}: ${why}.${hint}`;
}
