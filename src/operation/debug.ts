import type { Logger } from '../api/options.js';
import type { Timers } from '../util/timers.js';
import type { Debug } from './job/job.js';

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
