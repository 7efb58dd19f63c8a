import type { CancelOutcome, CancelReport } from '../../../src/exports.js';

/** A report with this outcome, and nothing in it that was not given. */
export function reportOf(outcome: CancelOutcome, rest: Partial<CancelReport> = {}): CancelReport {
  return {
    outcome,
    trigger: 'SIGINT',
    reason: new Error('the reason'),
    jobs: [],
    counts: { made: 0, cancelled: 0, failed: 0, running: 0, notSent: 0 },
    billing: { expectation: 'unknown', basis: 'Nobody knows.' },
    leftovers: [],
    requestedAt: 0,
    settledAt: 0,
    ...rest,
  };
}
