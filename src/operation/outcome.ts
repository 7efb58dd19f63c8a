import { OperationCancelledError } from '../errors/operation-cancelled-error.js';
import { OperationFailedError } from '../errors/operation-failed-error.js';
import { entriesOf, toResponse } from '../images/response.js';
import type { GenerateImagesResponse } from '../images/types.js';
import { howToCancel } from '../stop/late-job.js';
import { billingOf } from '../stop/billing.js';
import type { CancelOutcome, CancelReport, CancelTrigger, Leftover } from '../stop/report.js';
import type { OperationState } from './events.js';
import type { Job, JobEnd } from './job.js';

/** A stop as it was asked for: the first one, kept. */
export interface StopRequest {
  readonly trigger: CancelTrigger;
  readonly reason: unknown;
  readonly requestedAt: number;
}

/** What was made, in the order of the indices; `undefined` if nothing was. */
export function responseOf(jobs: readonly Job[]): GenerateImagesResponse | undefined {
  const entries = jobs.flatMap(({ indices, end }) =>
    end?.kind === 'completed' ? entriesOf(indices, end.outputs) : [],
  );
  return entries.length === 0 && !jobs.some(isLeftElsewhere) ? undefined : toResponse(entries);
}

/** It was made, and nobody wanted it fetched from where it lies. */
function isLeftElsewhere({ end }: Job): boolean {
  return end?.kind === 'completed' && end.failure === undefined && end.outputs.some((output) => 'elsewhere' in output);
}

/** What became of one image: of a job without an end nobody can tell, or it is a request that nothing can stop. */
type ImageEnd = JobEnd['kind'] | 'left';

/** The outcome of several jobs: the first that fits, in this order. */
export function outcomeOf(jobs: readonly Job[]): CancelOutcome {
  const kinds = new Set(jobs.flatMap(imageEndsOf));
  const stoppedSome = kinds.has('cancelled') || kinds.has('not-started');
  if (kinds.has('unknown')) return 'unconfirmed';
  if (kinds.has('left')) return 'not-cancelable';
  if (kinds.has('completed')) return stoppedSome ? 'partially-cancelled' : 'completed-anyway';
  if (kinds.has('cancelled')) return 'cancelled';
  return kinds.has('failed') ? 'failed-anyway' : 'not-started';
}

function imageEndsOf(job: Job): readonly ImageEnd[] {
  const { end } = job;
  const outputs = end?.kind === 'completed' ? end.outputs : job.pendingOutputs;
  if (outputs === undefined) return [endKindOf(job)];
  return outputs.map((output) => {
    if ('cancelled' in output) return 'cancelled';
    return 'failure' in output ? 'failed' : 'completed';
  });
}

/** A job without an end is one that nobody can tell of, unless the server has said that it completed. */
function endKindOf({ end, needsOutput, backend }: Job): ImageEnd {
  if (end !== undefined) return end.kind;
  if (needsOutput) return 'completed';
  return backend.cancelable ? 'unknown' : 'left';
}

const stateOfOutcome = {
  'not-started': 'cancelled',
  cancelled: 'cancelled',
  'partially-cancelled': 'cancelled',
  'completed-anyway': 'succeeded',
  'failed-anyway': 'failed',
  'not-cancelable': 'abandoned',
  unconfirmed: 'abandoned',
} as const satisfies Record<CancelOutcome, OperationState>;

/** The state of an operation whose jobs have not all ended. */
export function liveStateOf(jobs: readonly Job[]): OperationState {
  const states = new Set(jobs.map(({ state }) => state));
  if (states.has('waiting') || states.has('submitting')) return 'submitting';
  return [...states].every((state) => state === 'queued') ? 'queued' : 'running';
}

/** The final state: what the report says of a stop, else whether anything was made. */
export function finalStateOf(jobs: readonly Job[], report: CancelReport | undefined): OperationState {
  if (report !== undefined) return stateOfOutcome[report.outcome];
  if (responseOf(jobs) !== undefined) return 'succeeded';
  return jobs.every(({ state }) => state === 'cancelled') ? 'cancelled' : 'failed';
}

/**
 * The error of an operation that made nothing without being stopped: the gravest of its jobs' errors, which is one after
 * which something may still be running. It names all jobs.
 */
function failureOf(jobs: readonly Job[]): Error {
  const references = jobs.map((job) => job.reference());
  for (const kind of ['unknown', 'failed', 'not-started', 'completed'] as const) {
    for (const { end } of jobs) {
      if (end?.kind === kind && end.failure !== undefined) return end.failure(references);
    }
  }
  const failures = jobs.flatMap(({ end }) => (end?.kind === 'completed' ? end.outputs : []));
  const failure = failures.find((output) => 'failure' in output);
  const message =
    failure !== undefined && 'failure' in failure
      ? `The server made none of the images: ${failure.failure}`
      : 'The job was cancelled on the server, but not from here.';
  return new OperationFailedError(message, {
    status: jobs[0]?.lastStatus ?? 'cancelled',
    jobs: references,
  });
}

/** The error that callers get; `undefined` if they get the images. */
export function errorOf(
  jobs: readonly Job[],
  report: CancelReport | undefined,
  onCompletedAnyway: 'reject' | 'resolve',
): Error | undefined {
  if (report === undefined) return responseOf(jobs) === undefined ? failureOf(jobs) : undefined;
  const isNormal = onCompletedAnyway === 'resolve' && report.outcome === 'completed-anyway';
  if (isNormal && report.response !== undefined) return undefined;
  const references = jobs.map((job) => job.reference());
  return new OperationCancelledError(report, references);
}

/** Everything that is known of a stop at this moment. */
export function createReport(jobs: readonly Job[], stop: StopRequest, settledAt: number): CancelReport {
  const outcome = outcomeOf(jobs);
  const response = responseOf(jobs);
  return {
    outcome,
    trigger: stop.trigger,
    reason: stop.reason,
    jobs: jobs.map((job) => job.report()),
    ...(response === undefined ? {} : { response }),
    billing: billingOf(outcome, jobs),
    leftovers: leftoversOf(jobs),
    requestedAt: stop.requestedAt,
    settledAt,
  };
}

/** The jobs that may be running as far as anyone knows. */
export function leftoversOf(jobs: readonly Job[]): readonly Leftover[] {
  return jobs.flatMap((job) => {
    const kind = endKindOf(job);
    if (kind === 'left') return [{ howToCancel: 'It has no name and no cancel: it runs to its end on the server.' }];
    if (kind !== 'unknown') return [];
    const { name } = job;
    if (name !== undefined) return [{ name, howToCancel: howToCancel(name) }];
    return [{ howToCancel: job.backend.lostHint(job.displayName) }];
  });
}
