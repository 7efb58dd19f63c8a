import type { RequestRecord } from '../../../src/testing/meter.js';
import type { Route } from '../../../src/testing/routes.js';

/** One request of a process, from the moment in which the library hands it over. */
export interface Call {
  /** Order among everything that happens in a run. */
  readonly seq: number;
  readonly at: number;
  /** In which turn of the event loop. */
  readonly turn: number;
  readonly process: number;
  readonly route: Route;
  /** Whether a client for Vertex has sent it. */
  readonly isVertex: boolean;
  /** Name of the job that it is about. */
  readonly name?: string;
  /** Of a create: which operation, and which of its images. */
  readonly root?: number;
  readonly indices: readonly number[];
  /** Of a create that was tried before: when its job was tried first, in ms since the epoch. */
  readonly triedSince?: number;
  /** As the server has noted it. */
  record?: RequestRecord | undefined;
  /** Whether the job had ended when the server answered. */
  wasEnded?: boolean;
  /** Whether the job had begun when the server answered: then the status of a batch on Vertex counts its rows. */
  wasBegun?: boolean;
  /** Of a create: the server does not run it in the background. */
  isRefused?: boolean;
  /** Of a create whose answer broke off: before its name. */
  isNameless?: boolean;
  /** Of a create: no such model (S7). */
  isModelUnknown?: boolean;
  /** Of a 429: in how many ms it may be sent again. */
  retryDelayMs?: number;
  /** Of a page of a list: the names in the answer. */
  listed?: readonly string[];
  /** Of a page of a list: where it was to begin, and where the next one does. The first and the last have none. */
  page?: string | undefined;
  nextPage?: string | undefined;
  /** When an event of a stream told of the end. */
  toldOfEnd?: Moment;
  /** When the library got the answer. */
  delivered?: Moment;
  /** When the library left without an answer, in ms since the epoch. */
  leftAt?: number;
  outcome?: 'answered' | 'reset' | 'refused' | 'aborted';
}

/** A moment of a run. */
export interface Moment {
  /** Order among everything that happens in a run. */
  readonly seq: number;
  /** In ms since the epoch. */
  readonly at: number;
  /** Turn of the event loop. */
  readonly turn: number;
}

/** The default of `limits.submitMs`. */
const SUBMIT_MS = 120_000;

/** Nobody waits any more for the answer to a create (S2). The limit counts from the first try of its job. */
export function isOverdue({ at, triedSince = at }: Call, now: number, submitMs = SUBMIT_MS): boolean {
  return now - triedSince >= submitMs;
}

/** The answer to a create came when nobody waited for it any more. */
export function isLate(call: Call, submitMs?: number): boolean {
  return call.delivered !== undefined && isOverdue(call, call.delivered.at, submitMs);
}

/** Faults after which an answer is not what the server meant to say. */
const SPOILT = ['status', 'page', 'reset', 'hang', 'garbage', 'json', 'cut-body'];

const RUBBISH = ['garbage', 'json', 'cut-body', 'content-type'];

/** Whether the library got the true answer. */
export function wasAnsweredTruly(call: Call): boolean {
  const { outcome, record } = call;
  return outcome === 'answered' && record?.status === 200 && !record.faults.some((fault) => SPOILT.includes(fault));
}

/** Whether the library could perhaps not make out the answer. */
export function isRubbish({ record }: Call): boolean {
  return record?.faults.some((fault) => RUBBISH.includes(fault)) === true;
}

/** Calls that may start a job. */
export function isCreate({ route }: Pick<Call, 'route'>): boolean {
  return route === 'create' || route === 'batch-create' || route === 'generateContent' || route === 'predict';
}

export function isCancel({ route }: Call): boolean {
  return route === 'cancel' || route === 'batch-cancel';
}

/** Reads of the status of one job. */
export function isRead({ route }: Call): boolean {
  return route === 'get' || route === 'batch-get';
}

/** Answers to the create of an interaction that say: not in the background (S8). */
export function isBackgroundRefusal({ route, outcome, record, isRefused, isModelUnknown }: Call): boolean {
  if (route !== 'create' || outcome !== 'answered' || record?.status === undefined || isModelUnknown === true)
    return false;
  const { status, faults } = record;
  // Half of Google's error is not of Google's shape.
  if (faults.includes('cut-body')) return false;
  return (status === 400 && isRefused === true) || [404, 405, 501].includes(status);
}

/** Answers after which nothing can have been started: the request never left, or the server rejected it (S1, S2, S5, S8). */
export function isRejected(call: Call): boolean {
  const { outcome, record } = call;
  if (outcome === 'refused' || isBackgroundRefusal(call)) return true;
  const status = outcome === 'answered' ? (record?.status ?? 0) : 0;
  // A proxy may have passed the request on. Half of Google's answer is not of Google's shape either.
  if (status === 503) return !call.record?.faults.some((fault) => fault === 'page' || fault === 'cut-body');
  return status >= 400 && status < 500 && status !== 408 && status !== 499;
}
