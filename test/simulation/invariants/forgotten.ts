import { Violation } from '../world/violation.js';
import { describeJob, isCovered } from './coverage.js';
import type { Evidence } from './evidence.js';
import { isExcused } from './excuses.js';

/** At the end: whatever the server still runs was told of to somebody, or stands in the journal. */
export function checkForgotten(simulation: Evidence): void {
  for (const job of simulation.server.work) {
    const { name, endedAt } = job.record;
    if (endedAt !== undefined) continue;
    const isTold = name !== undefined && simulation.told.names.has(name);
    if (isTold || simulation.told.isInDoubt(job)) continue;
    if (isCovered(simulation, job) || isExcused(simulation, job)) continue;
    simulation.violated(new Violation('nothing is forgotten', `nobody knows that ${describeJob(job)} runs`));
  }
}
