import type { Recovery, SkipReason } from '../../../src/client/recover.js';
import type { RecoverPolicy } from '../../../src/client/recover.js';
import { inDoubtOf, isReachable, type JournalRecord } from '../../../src/journal/record.js';
import type { Simulation } from '../world/simulation.js';
import { Violation } from '../world/violation.js';

/** Google expires a job after this time. */
const EXPIRY_MS = 48 * 3_600_000;

/** How `recover()` was called. */
export interface RecoverCall {
  readonly policy: RecoverPolicy;
  readonly vertex: boolean;
  readonly hasStorage: boolean;
}

/** J3: each record is skipped for a reason that is true of it, and with the policy `cancel` each operation has a report. */
export function checkRecovery(
  simulation: Simulation,
  { operations, skipped }: Recovery,
  records: ReadonlyMap<string, JournalRecord>,
  call: RecoverCall,
): void {
  const wrong = (what: string): void => simulation.violated(new Violation('recovery', what));
  for (const { id, reason } of skipped) {
    const record = records.get(id);
    if (record !== undefined && !isTrue(reason, record, call, simulation.clock.now()))
      wrong(`${id} was skipped as ${reason}: ${JSON.stringify(record)}`);
  }
  for (const { id, report } of operations) {
    if ((report !== undefined) !== (call.policy === 'cancel')) wrong(`${id}: ${call.policy}, and its report`);
  }
}

function isTrue(reason: SkipReason, record: JournalRecord, call: RecoverCall, now: number): boolean {
  const { jobs, server, detachedAt, startedAt } = record;
  const isOld = now - startedAt > EXPIRY_MS;
  const isInDoubt = inDoubtOf(jobs).length > 0;
  switch (reason) {
    case 'detached':
      return call.policy === 'cancel' && detachedAt !== undefined;
    case 'other-server':
      return server.vertexai !== call.vertex;
    case 'in-doubt':
      return !isOld && isInDoubt && !jobs.some(isReachable);
    case 'expired':
      return isOld && isInDoubt;
    case 'needs-storage':
      return call.vertex && !call.hasStorage && call.policy === 'attach';
    case 'lost':
      return isOld;
    case 'claimed':
      return true;
  }
}

/** J3: two days after everything, when the server is well and all has been recovered, nothing is left but what was detached. */
export function checkEmptied(simulation: Simulation, policy: RecoverPolicy): void {
  for (const [id, { text }] of simulation.entries) {
    if (policy === 'cancel' && text.includes('"detachedAt"')) continue;
    simulation.violated(new Violation('recovery', `the journal keeps ${id} for ever: ${text}`));
  }
}
