import { NotStartedError, OperationCancelledError, OperationFailedError } from '../api/errors.js';
import { entriesOf, type ResponseEntry } from './response.js';
import type { GenerateImagesResponse } from '../api/images.js';
import { howToCancel } from '../api/commands.js';
import { compact } from '../util/json.js';
import { billingOf, totalUsage } from './billing.js';
import type { CancelOutcome, CancelReport, ImageCounts, Leftover } from '../api/report.js';
import type { OperationEvents, OperationState } from '../api/events.js';
import type { Job } from './job/job.js';
import { cancelledElsewhere, type JobEnd } from './job/job-end.js';
import type { JobReference } from '../api/snapshot.js';

export type CancelRequest = Pick<CancelReport, 'trigger' | 'reason' | 'requestedAt'>;

type Extras = readonly ResponseEntry[];

/** Everything that decides whether an operation has settled, and how, at one moment. */
export interface SettlingFacts {
  readonly jobs: readonly Job[];
  /** Jobs that one create has started beside the one that is kept. */
  readonly duplicates: readonly Job[];
  readonly extras: Extras;
  readonly request: CancelRequest | undefined;
  /** The time that the trigger leaves for the report is over. */
  readonly isBudgetOver: boolean;
  /** In ms since the epoch. */
  readonly at: number;
}

export type Settlement = OperationEvents['settled'];

/** Decides whether an operation has settled, and how. `undefined` while there is something to wait for. */
export function settlementOf(facts: SettlingFacts): Settlement | undefined {
  if (!hasSettled(facts)) return undefined;
  return { at: facts.at, ...compact({ usage: totalUsage(facts.jobs) }), ...endOf(facts) };
}

/** After a cancel it waits for duplicates, which the report names. It does not wait for what nothing can cancel. */
function hasSettled({ jobs, duplicates, request, isBudgetOver }: SettlingFacts): boolean {
  const isCancelled = request !== undefined;
  const awaited = isCancelled ? [...jobs, ...duplicates] : jobs;
  const isDone = ({ end, over, backend }: Job): boolean =>
    end !== undefined || over.aborted || (isCancelled && !backend.cancelable);
  return isBudgetOver || awaited.every(isDone);
}

/** Returns the final state, and what the callers get. After a trigger it is `cancelled` if every end is known. */
function endOf(facts: SettlingFacts): Pick<Settlement, 'state' | 'response' | 'error' | 'report'> {
  const { jobs, extras, request } = facts;
  const references = jobs.map((job) => job.reference());
  if (request !== undefined) {
    const report = reportOf(facts, request);
    const isOpen = report.outcome === 'unconfirmed' || report.outcome === 'not-cancelable';
    const error = new OperationCancelledError(report, references);
    return { state: isOpen ? 'abandoned' : 'cancelled', error, report, ...compact({ response: report.response }) };
  }
  const response = responseOf(jobs, extras);
  if (response !== undefined) return { state: 'succeeded', response };
  const isUnknown = jobs.some(({ end }) => end?.kind === 'unknown');
  return { state: isUnknown ? 'abandoned' : 'failed', error: failureOf(jobs, references) };
}

/** Reports everything that is known of a cancel. A duplicate has no image of its own, and may be running. */
export function reportOf({ jobs, duplicates, extras, at }: SettlingFacts, request: CancelRequest): CancelReport {
  const running = duplicates.filter((job) => endKindOf(job) === 'unknown');
  const outcome = running.length > 0 ? 'unconfirmed' : outcomeOf(jobs, extras);
  return {
    ...request,
    ...compact({ response: responseOf(jobs, extras) }),
    outcome,
    jobs: jobs.map((job) => job.report()),
    counts: countImages(jobs, extras),
    billing: billingOf(outcome, jobs),
    leftovers: leftoversOf([...jobs, ...running]),
    settledAt: at,
  };
}

/** Returns the images, in the order of the indices; `undefined` if there are none. */
export function responseOf(jobs: readonly Job[], extras: Extras = []): GenerateImagesResponse | undefined {
  const own = jobs.flatMap(({ indices, end }) => (end?.kind === 'completed' ? entriesOf(indices, end.outputs) : []));
  const entries = [...own, ...extras].sort((one, other) => one.index - other.index);
  if (entries.length === 0 && !jobs.some(isLeftElsewhere)) return undefined;
  return { generatedImages: entries.map(({ entry }) => entry) };
}

/** Its images were made, and nothing was given to fetch them with. */
function isLeftElsewhere({ end }: Job): boolean {
  return end?.kind === 'completed' && end.failure === undefined && end.outputs.some((output) => 'elsewhere' in output);
}

/** End of one image. `running`: its job cannot be cancelled, and has no end yet. */
type ImageEnd = JobEnd['kind'] | 'running';

/** Returns the outcome of several jobs: the first one that applies, in this order. */
export function outcomeOf(jobs: readonly Job[], extras: Extras = []): CancelOutcome {
  const kinds = new Set(jobs.flatMap((job) => imageEndsOf(job, extras)));
  const stoppedSome = kinds.has('cancelled') || kinds.has('not-started');
  if (kinds.has('unknown')) return 'unconfirmed';
  if (kinds.has('running')) return 'not-cancelable';
  if (kinds.has('completed')) return stoppedSome ? 'partially-cancelled' : 'completed-anyway';
  if (kinds.has('cancelled')) return 'cancelled';
  return kinds.has('failed') ? 'failed-anyway' : 'not-started';
}

export function countImages(jobs: readonly Job[], extras: Extras): ImageCounts {
  const ends = jobs.flatMap((job) => imageEndsOf(job, extras));
  const count = (...kinds: readonly ImageEnd[]): number => ends.filter((end) => kinds.includes(end)).length;
  return {
    made: count('completed'),
    cancelled: count('cancelled'),
    failed: count('failed'),
    running: count('running', 'unknown'),
    notSent: count('not-started'),
  };
}

/** An image that a duplicate has made counts as completed, unless the job itself may still make it. */
function imageEndsOf(job: Job, extras: Extras): readonly ImageEnd[] {
  const isFilled = (position: number): boolean =>
    extras.some(({ index }) => index === (job.indices[position] ?? position));
  return ownEndsOf(job).map((end, position) =>
    end !== 'unknown' && end !== 'running' && isFilled(position) ? 'completed' : end,
  );
}

function ownEndsOf(job: Job): readonly ImageEnd[] {
  const { end, progress, needsOutput, facts } = job;
  const pending = needsOutput ? facts.status?.pending : undefined;
  const outputs = end?.kind === 'completed' ? end.outputs : pending;
  // A result that could not be read has none.
  if (outputs === undefined || outputs.length === 0)
    return Array.from({ length: Math.max(1, progress.total) }, () => endKindOf(job));
  return outputs.map((output) => {
    if ('cancelled' in output) return 'cancelled';
    return 'failure' in output ? 'failed' : 'completed';
  });
}

/** The end of a job without one is unknown, unless the server has said that it completed. */
function endKindOf({ end, needsOutput, backend }: Job): ImageEnd {
  if (end !== undefined) return end.kind;
  if (needsOutput) return 'completed';
  return backend.cancelable ? 'unknown' : 'running';
}

/** Returns the state of an operation whose jobs have not all ended. Jobs that wait for a slot do not count. */
export function liveStateOf(jobs: readonly Job[]): OperationState {
  const states = jobs.map(({ state }) => state).filter((state) => state !== 'waiting');
  return states.length > 0 && states.every((state) => state === 'queued') ? 'queued' : 'running';
}

/** Returns the error of an operation that made nothing, without a trigger: the gravest one of its jobs. It names all jobs. */
function failureOf(jobs: readonly Job[], references: readonly JobReference[]): Error {
  const firstOf = (kind: JobEnd['kind']): Error | undefined =>
    jobs.flatMap(({ end }) => (end?.kind === kind ? (end.failure ?? []) : []))[0]?.(references);
  return (
    firstOf('unknown') ??
    firstOf('failed') ??
    // Of results that cannot be read.
    firstOf('completed') ??
    imagelessOf(jobs, references) ??
    firstOf('not-started') ??
    new NotStartedError('NOT_SENT', 'No request was sent.', { jobs: references })
  );
}

/** The images failed, or somebody else cancelled their jobs. */
function imagelessOf(jobs: readonly Job[], references: readonly JobReference[]): Error | undefined {
  const ends = jobs.flatMap(({ end }) => (end?.kind === 'completed' || end?.kind === 'cancelled' ? [end] : []));
  const outputs = ends.flatMap((end) => ('outputs' in end ? end.outputs : []));
  const why = outputs.find((output) => 'failure' in output)?.failure;
  if (ends.length === 0) return undefined;
  if (why === undefined) return cancelledElsewhere(references);
  return new OperationFailedError('FAILED', `The server made none of the images: ${why}`, { jobs: references });
}

const NO_CANCEL =
  'It has no name and no cancel: it runs to its end on the server, and only `onImage` or an `image` listener can receive its image.';

/** Returns the jobs that may be running as far as anyone knows. */
export function leftoversOf(jobs: readonly Job[]): readonly Leftover[] {
  return jobs.flatMap((job) => {
    if (job.state === 'waiting') return [];
    const kind = endKindOf(job);
    const { name, denial, backend, displayName } = job;
    if (kind !== 'unknown') return kind === 'running' ? [{ howToCancel: NO_CANCEL }] : [];
    if (name !== undefined) return [{ name, howToCancel: denial ?? howToCancel(name) }];
    const late = leftoversOf([...job.lateJobs.values()]);
    return late.length > 0 ? late : [{ howToCancel: backend.lostHint(displayName) }];
  });
}
