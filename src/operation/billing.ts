import { NotStartedError, RemoteError } from '../api/errors.js';
import { compact } from '../util/json.js';
import type { Job } from './job/job.js';
import type { Billing, CancelOutcome, Usage } from '../api/report.js';

const UNDOCUMENTED_FAILURES = 'Google documents nothing about what refused or failed images cost.';
const UNDOCUMENTED = 'Google documents nothing about what a cancelled interaction or batch of the Gemini API costs.';

/** As far as it is documented, and no further. */
export function billingOf(outcome: CancelOutcome, jobs: readonly Job[]): Billing {
  const isCancelled = outcome === 'cancelled' || outcome === 'partially-cancelled';
  const documented = isCancelled ? cancelBillingOf(jobs) : undefined;
  return { ...(documented ?? expectationOf(outcome, jobs)), ...compact({ usage: totalUsage(jobs) }) };
}

function cancelBillingOf(jobs: readonly Job[]): Billing | undefined {
  const [first, ...others] = jobs.map(({ backend }) => (backend.cancelable ? backend.cancelBilling : undefined));
  return others.every((billing) => billing === first) ? first : undefined;
}

function expectationOf(outcome: CancelOutcome, jobs: readonly Job[]): Billing {
  switch (outcome) {
    case 'not-started':
      return refusalBillingOf(jobs);
    case 'not-cancelable':
      return {
        expectation: 'full',
        basis: 'The request cannot be cancelled. "You will still be charged usage for any applicable operations."',
        source: '@google/genai, abortSignal of every config type',
      };
    case 'completed-anyway':
      return jobs.every(hasMadeAll)
        ? { expectation: 'full', basis: 'Every image was made before the cancel took effect.' }
        : { expectation: 'unknown', basis: `What was made is charged. ${UNDOCUMENTED_FAILURES}` };
    case 'partially-cancelled':
      return { expectation: 'unknown', basis: `The finished images are charged. ${UNDOCUMENTED}` };
    case 'unconfirmed':
      return { expectation: 'unknown', basis: 'It is not known how every job ended; one may have run to its end.' };
    case 'failed-anyway':
      return { expectation: 'unknown', basis: UNDOCUMENTED_FAILURES };
    default:
      return { expectation: 'unknown', basis: UNDOCUMENTED };
  }
}

function hasMadeAll({ end, needsOutput }: Job): boolean {
  return end?.kind === 'completed'
    ? end.outputs.every((output) => 'image' in output || 'elsewhere' in output)
    : needsOutput;
}

/** Returns the billing of jobs that were never sent or refused. */
function refusalBillingOf(jobs: readonly Job[]): Billing {
  const refused = jobs.flatMap((job) => statusOfRefusal(job.snapshot().error) ?? []);
  if (refused.length === 0) return { expectation: 'none', basis: 'No request was sent.' };
  if (refused.every((status) => status === 'unsent'))
    return { expectation: 'none', basis: 'No request reached the server.' };
  if (refused.every((status) => status === 'unsent' || status === 400)) {
    return {
      expectation: 'none',
      basis: 'The server refused the request with 400, which is not charged on either host.',
      source: 'Google: on Vertex only requests answered 200 are charged; on the Gemini API 400 is not',
    };
  }
  return { expectation: 'unknown', basis: 'The server refused the request; not every refusal is documented as free.' };
}

/** HTTP status of a refused request; `unsent` if it never left. */
function statusOfRefusal(error: Error | undefined): number | 'unsent' | undefined {
  if (!(error instanceof NotStartedError)) return undefined;
  if (error.code === 'NOT_SENT') return 'unsent';
  return error.cause instanceof RemoteError ? error.cause.status : undefined;
}

export function totalUsage(jobs: readonly Job[]): Usage | undefined {
  const counts = jobs.flatMap(({ facts }) => Object.entries<number>({ ...facts.usage }));
  if (counts.length === 0) return undefined;
  const total: Record<string, number> = {};
  for (const [name, count] of counts) total[name] = (total[name] ?? 0) + count;
  return total;
}
