import type { Route } from './routes.js';

/** The requests that a fault strikes; every field narrows. */
export interface FaultScope {
  /** Default `*`: each route that the kind makes sense for. For outcomes: the route the job was started by. */
  route?: Route | '*';
  /** How often it strikes. @default Infinity */
  times?: number;
  /** How many fitting requests (for outcomes: jobs) are let pass first. @default 0 */
  skip?: number;
  /** Strikes only from so many ms after it was added. @default 0 */
  fromMs?: number;
  /** Strikes only for so many ms, so that a route is down for a time. @default Infinity */
  forMs?: number;
  /** Only requests for this model, or for jobs of this model. */
  model?: string;
  /** Only this job: its name, or its index in order of creation from 0 (on a create: the job it would make). */
  job?: string | number;
  /**
   * Only this item of a batch, by its index from 0; `*`: each of them. Counted by `times` and `skip` like a job. For
   * `refuse`, where it need not be given, and for `fail`, which without it fails the batch as a whole.
   */
  item?: number | '*';
}

/** `before`: the request has no effect. `after`: it has, only the answer is spoilt. */
export type When = 'before' | 'after';

/** Struck in the middle: what is answered in place of the truth. `when` defaults to `before`. */
export type AnswerFault =
  | StatusFault
  /** The HTML page of a proxy between the client and Google. */
  | { kind: 'page'; status: 502 | 503 | 504; when?: When }
  /** The connection is reset without an answer. */
  | { kind: 'reset'; when?: When }
  /** Never answered. */
  | { kind: 'hang'; when?: When }
  /** 200 with something that is not JSON. Default: an HTML page. */
  | { kind: 'garbage'; body?: string; contentType?: string; when?: When }
  /** This JSON. Default: status 200. */
  | { kind: 'json'; body: unknown; status?: number; when?: When };

/** An HTTP status with Google's error body in the form of the route, or with `body`. */
export interface StatusFault {
  kind: 'status';
  status: number;
  message?: string;
  /** The `code` that interactions say, as `quota_exceeded`. @default the one of the status */
  code?: string;
  /** The error comes from the gateway: an array, with a number for a `code` on every route. @default false */
  gateway?: boolean;
  /** Tells in a `google.rpc.RetryInfo` when to try again. @default 34400 for a 429 to `generateContent`, else not told */
  retryDelayMs?: number;
  /** Tells in a `google.rpc.QuotaFailure` which quota is used up; a daily one has `PerDay` in its name. */
  quotaId?: string;
  body?: unknown;
  headers?: Record<string, string>;
  when?: When;
}

/** The answer is late. `before`: so is the effect, which comes even if the client has left by then. @default when 'after' */
export interface DelayFault {
  kind: 'delay';
  ms: number;
  when?: When;
}

/** The true answer, spoilt on its way. Streams are left alone. */
export type BodyFault =
  /** Another content type than JSON. Default: 'text/plain'. */
  | { kind: 'content-type'; value?: string }
  /** The body breaks off after so many bytes: it ends, or the connection is reset. Default: half of it, 'reset'. */
  | { kind: 'cut-body'; bytes?: number; how?: 'end' | 'reset' };

/** The answer of a server without a background, or without interactions. */
export interface Refusal {
  /** @default 400 */
  status?: 400 | 404 | 405 | 501;
  message?: string;
  /** The error comes as an array, from the gateway. @default false */
  gateway?: boolean;
}

/** Faults of one route, or of one route of the interactions and the same one of the batches. */
export type RouteFault =
  /** The stream breaks after so many events of its own: it ends, is reset, or says an `error` event or rubbish and ends. */
  | { kind: 'cut'; afterEvents: number; how: 'end' | 'reset' | 'error' | 'garbage' }
  /** The stream stays open and sends nothing. */
  | { kind: 'silent' }
  /** JSON, the resource, is answered to a stream request. */
  | { kind: 'stream-as-json' }
  /** The cancel takes effect so many ms later; until then the job burns on, and may complete. */
  | { kind: 'cancel-lag'; ms: number }
  /** The cancel takes effect and answers 499 CANCELLED. */
  | { kind: 'cancel-499' }
  /** The cancel answers 200 and does nothing. */
  | { kind: 'cancel-ignored' }
  /** GET without stream, and cancel, answer 403 PERMISSION_DENIED as long as the job has not ended. */
  | { kind: 'forbidden-while-running' }
  /** A create with `background: true` is refused: for models, or times, that the setting `background` does not tell apart. */
  | ({ kind: 'background-refused' } & Refusal)
  /** A batch is not in the list until so many ms after its creation. */
  | { kind: 'list-lag'; ms: number };

/** The end of a job, a batch or an item of a batch that no cancel stops. */
export type OutcomeFault =
  /** Completed, with text and without an image. Of a batch: the items do. */
  | { kind: 'refuse'; text?: string }
  /** Failed. Of a batch: as a whole, without results; with `item`: that item, `code` being a google.rpc.Code's name. */
  | { kind: 'fail'; message?: string; code?: string }
  /**
   * Takes this status when the work is done. A status that is not known to be final (`pondering`) never ends: it
   * burns on until it is cancelled, or for `lastsMs` ms, after which it completes. A batch, whose status is
   * `BATCH_STATE_…` or `JOB_STATE_…`, burns nothing more once its items are done.
   */
  | { kind: 'end'; status: string; lastsMs?: number }
  /** The image comes as a `uri`, which the emulator serves. */
  | { kind: 'image-as-uri' }
  /** A batch expires so many ms after its creation. Without `afterMs` it waits in its queue until then. Default: 48 h. */
  | { kind: 'expire'; afterMs?: number };

/** Something that goes wrong, as data. Of the faults of one group the first that fits, and is not used up, strikes. */
export type Fault = FaultScope & (AnswerFault | DelayFault | BodyFault | RouteFault | OutcomeFault);

/** A fault of one kind. */
export type FaultOf<K extends Fault['kind']> = Extract<Fault, { kind: K }>;
