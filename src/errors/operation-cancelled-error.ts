import type { CancelReport } from '../stop/report.js';
import { describeCause, GenaiCancelError } from './base-error.js';

/**
 * The operation was asked to stop before it had settled. Whether the cancel won is in `report.outcome`; images that were
 * finished are in `report.response`.
 *
 * It has the name and code of the platform's abort errors, so that code which tells aborts from failures keeps working.
 */
export class OperationCancelledError extends GenaiCancelError {
  override readonly name = 'AbortError';
  override readonly code = 'ABORT_ERR';
  /** What the server said came of it. */
  readonly report: CancelReport;

  constructor(report: CancelReport, jobs: GenaiCancelError['jobs']) {
    super(describe(report), { jobs, cause: report.reason });
    this.report = report;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), report: { ...this.report, reason: describeCause(this.report.reason) } };
  }
}

function describe({ outcome, trigger, leftovers }: CancelReport): string {
  const names = leftovers.map(({ name }) => name ?? 'a job without a known name').join(', ');
  return `The operation was stopped by ${trigger}: ${outcome}.${names === '' ? '' : ` May still be running: ${names}.`}`;
}
