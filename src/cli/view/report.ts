import type { JobSnapshot } from '../../operation/job-snapshot.js';
import type { Billing, CancelReport, CancelTrigger } from '../../stop/report.js';
import { harmless, type Line } from './paint.js';

/** What is said at once when a stop was asked for. */
export function cancellingText(trigger: CancelTrigger, jobs: readonly JobSnapshot[]): string {
  const isTold = jobs.some(({ backend }) => backend !== 'models');
  const what = isTold ? 'Cancelling on the server…' : 'Stopping here; the server cannot be told.';
  if (trigger === 'SIGINT') return `${what} (press Ctrl+C again to leave at once)`;
  if (trigger === 'timeout') return `The time is up. ${what}`;
  return `${what} (${trigger})`;
}

/** What is documented of the cost, in one line. */
export function billingLine({ expectation, basis, usage }: Billing): Line {
  const counts = [
    usage?.outputImageTokens === undefined ? [] : `${usage.outputImageTokens} image tokens`,
    usage?.totalTokens === undefined ? [] : `${usage.totalTokens} tokens in all`,
  ].flat();
  const reported = counts.length === 0 ? '' : ` The server reported ${counts.join(', ')}.`;
  return { text: `Billing: ${expectation}. ${basis}${reported}`, tone: 'quiet' };
}

/** What came of the cancel of one job that is known by name only. */
export function reportLines(name: string, report: CancelReport, places: readonly string[]): Line[] {
  return [{ text: `${name}: ${outcomeText(name, report, places)}`, tone: 'plain' }, billingLine(report.billing)];
}

function outcomeText(name: string, report: CancelReport, places: readonly string[]): string {
  const { outcome, jobs, leftovers } = report;
  const [job] = jobs;
  switch (outcome) {
    case 'cancelled':
      return 'cancelled, the server confirms.';
    case 'completed-anyway':
      return `had completed before the cancel${madeText(name, report, places)}`;
    case 'partially-cancelled':
      return `cancelled, the server confirms. Some of it had completed before the cancel${madeText(name, report, places)}`;
    case 'failed-anyway':
      return `had failed before the cancel: ${harmless(job?.error?.message ?? job?.lastStatus ?? '')}`;
    default:
      return `not confirmed, it may still be running. Try again with: ${leftovers[0]?.howToCancel ?? ''}`;
  }
}

function madeText(name: string, { response }: CancelReport, places: readonly string[]): string {
  const entries = response?.generatedImages ?? [];
  const refusal = entries[0]?.raiFilteredReason;
  if (refusal !== undefined && entries.every(({ image }) => image === undefined))
    return `, refused by the model: ${harmless(refusal)}`;
  const what = entries.length > 1 ? 'images' : 'image';
  if (places.length === 0) return `. To get its ${what}: npx genai-cancel cancel ${name} --out FOLDER`;
  return `, its ${what} ${places.length > 1 ? 'are' : 'is'} kept as ${places.join(', ')}`;
}
