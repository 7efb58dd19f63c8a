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
  /** Name of the job that it is about. */
  readonly name?: string;
  /** Of a create: which operation, and which of its images. */
  readonly root?: number;
  readonly indices: readonly number[];
  /** As the server has noted it. */
  record?: RequestRecord | undefined;
  /** Whether the job had ended when the server answered. */
  wasEnded?: boolean;
  /** Whether an event that tells of the end came through. */
  toldOfEnd?: boolean;
  deliveredSeq?: number;
  deliveredAt?: number;
  outcome?: 'answered' | 'reset' | 'refused' | 'aborted';
}

/** Faults after which an answer is not what the server meant to say. */
const SPOILT = ['status', 'reset', 'hang', 'garbage', 'json'];

/** Whether the library got the true answer. */
export function wasAnsweredTruly(call: Call): boolean {
  const { outcome, record } = call;
  return outcome === 'answered' && record?.status === 200 && !record.faults.some((fault) => SPOILT.includes(fault));
}

/** Calls that may start a job. */
export function isCreate({ route }: Call): boolean {
  return route === 'create' || route === 'batch-create' || route === 'generateContent' || route === 'predict';
}

export function isCancel({ route }: Call): boolean {
  return route === 'cancel' || route === 'batch-cancel';
}
