import type { Leftover, Usage } from './report.js';

/** Options of `probe()`. */
export interface ProbeOptions {
  /** Ends the probe when it aborts: the job is cancelled and its end confirmed, then the probe rejects with the reason. */
  signal?: AbortSignal | undefined;
  /** Called with each answer, in the order in which they came. What it throws is ignored. */
  onProgress?: ((answer: ProbeAnswer) => void) | undefined;
  /**
   * Streams one more image and hangs up, to see whether it can be fetched. That costs up to one more image. It is not made
   * while the end of the first job is not confirmed. @default false
   */
  streamed?: boolean | undefined;
}

/** HTTP status of an answer; `null` where nothing was answered. */
export interface ProbeHttp {
  readonly httpStatus: number | null;
}

/** Answer of the server to one call of a probe. */
export interface ProbeAnswer extends ProbeHttp {
  readonly call: 'create' | 'read' | 'stream' | 'cancel';
  /** The code of a refusal, in the words of the server. */
  readonly code?: string;
  /** The status of the job, in the words of the server. */
  readonly status?: string;
}

/** Question that nobody had an answer to: `docs/probe.md` explains each. */
export type ProbeQuestion =
  | 'background'
  | 'read-while-running'
  | 'stream-while-running'
  | 'cancel-while-running'
  | 'cancel-again'
  | 'final-status'
  | 'usage-after-cancel'
  | 'id-in-first-event'
  | 'fetch-after-hangup';

/** Everything that a probe has seen. It holds no key, no header, no prompt and no image. */
export interface ProbeReport {
  readonly type: 'probe';
  readonly model: string;
  /** The host that was asked. */
  readonly host: string;
  /** `A`: jobs are cancelled. `B`: reads or cancels are refused while a job runs. `C`: background jobs are refused. */
  readonly world: 'A' | 'B' | 'C' | 'unknown';
  /** `unknown` if the create was refused for another reason, or its answer was lost. */
  readonly background: 'accepted' | 'refused' | 'unknown';
  readonly create: ProbeHttp & Pick<ProbeAnswer, 'code'>;
  /** All reads of the status, in their order. */
  readonly reads: readonly (ProbeHttp & Pick<ProbeAnswer, 'status'>)[];
  /** The answer to the opening of the status stream, and how many events came. */
  readonly stream: ProbeHttp & { readonly events: number };
  /** `null` if the job had ended before a cancel was sent. */
  readonly cancel: ProbeHttp | null;
  readonly secondCancel: ProbeHttp | null;
  /** The last status, and whether the server has told that it is the end. */
  readonly end: { readonly status: string; readonly confirmed: boolean };
  readonly usage?: Usage;
  /** With `streamed`: the answer to its create, whether the first event had the name, and the last read after hanging up. */
  readonly streamed?: ProbeHttp & { readonly hasId: boolean; readonly read: ProbeReport['reads'][number] | null };
  /** The questions that this run has answered, by yes or by no. */
  readonly settles: readonly ProbeQuestion[];
  /** Jobs that may still be running. */
  readonly leftovers: readonly Leftover[];
}
