import { systemClock } from '../../util/clock.js';
import { Timers } from '../../util/timers.js';
import type { CancelableBackend } from '../../google/port.js';
import type { Settings } from '../../api/options.js';
import { cancelJob } from './cancel-job.js';
import { Crowd } from './crowd.js';
import { Job } from './job.js';

let isWarm = false;

/**
 * Cancels a job that does not exist, once in a process, without a request: the first run of code takes milliseconds, and a
 * process that gets a signal makes its first cancel then.
 */
export async function warmUp(backend: CancelableBackend, settings: Settings): Promise<void> {
  if (isWarm || backend.warmUp === undefined) return;
  isWarm = true;
  const cancelled = backend.warmUp();
  const stage = Object.create(backend, { cancel: { value: () => cancelled } }) as CancelableBackend;
  const job = new Job([0], stage, { changed: () => undefined, unknownStatus: () => undefined });
  job.take({ type: 'sent' });
  job.take({ type: 'named', id: 'warm' });
  const timers = new Timers(systemClock);
  const over = cancelJob(job, { settings, timers, crowd: new Crowd(1), debug: () => undefined });
  await cancelled;
  job.finish({ kind: 'not-started' });
  await over;
}
