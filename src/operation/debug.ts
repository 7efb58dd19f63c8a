import type { Logger } from '../api/options.js';
import type { Timers } from '../util/timers.js';
import type { Debug } from './job/context.js';
import type { JobEvent } from './job/job-facts.js';
import type { Job } from './job/job.js';

/** Returns the debug output of one operation: each line has its id and the time since its start. */
export function createDebug(id: string, timers: Timers, sinks: readonly (Logger['debug'] | undefined)[]): Debug {
  const used = sinks.filter((sink) => sink !== undefined);
  const startedAt = timers.elapsed();
  return (describe) => {
    if (used.length === 0) return;
    const line = `${id} +${Math.round(timers.elapsed() - startedAt)} ms: ${describe()}`;
    for (const sink of used) {
      try {
        sink(line);
      } catch {
        // The application's logger must not stop the operation.
      }
    }
  };
}

/** Describes an event of a job in one line. */
export function describeJobEvent(job: Job, event: JobEvent): string {
  return `${job.name ?? `image ${job.index}`} (${job.backend.name}): ${factOf(event)}`;
}

function factOf(event: JobEvent): string {
  switch (event.type) {
    case 'sent':
      return 'create sent';
    case 'observed':
      return `status ${event.status.status}`;
    case 'ended':
      return `ended as ${event.end.kind}`;
    default:
      return event.type.replaceAll('-', ' ');
  }
}
