import type { Route } from './routes.js';

/** Which requests a fault strikes; every field narrows. */
export interface FaultScope {
  /** Default `*`: each route that the kind makes sense for. For outcomes: the route the job was started by. */
  route?: Route | '*';
  /** How often it strikes. @default Infinity */
  times?: number;
  /** How many fitting requests (for outcomes: jobs) are let pass first. @default 0 */
  skip?: number;
  /** Only requests for this model, or for jobs of this model. */
  model?: string;
  /** Only this job: its name, or its index in order of creation from 0 (on a create: the job it would make). */
  job?: string | number;
}

/** `before`: the request has no effect. `after`: it has, only the answer is spoilt. */
export type When = 'before' | 'after';

/** Struck in the middle: what is answered in place of the truth. `when` defaults to `before`. */
export type AnswerFault =
  /** An HTTP status with Google's error body, or with `body`. */
  | { kind: 'status'; status: number; message?: string; body?: unknown; headers?: Record<string, string>; when?: When }
  /** The connection is reset without an answer. */
  | { kind: 'reset'; when?: When }
  /** Never answered. */
  | { kind: 'hang'; when?: When }
  /** 200 with something that is not JSON. Default: an HTML page. */
  | { kind: 'garbage'; body?: string; contentType?: string; when?: When }
  /** This JSON. @default status 200 */
  | { kind: 'json'; body: unknown; status?: number; when?: When };

/** The answer is late. `before`: so is the effect, which comes even if the client has left by then. @default when 'after' */
export interface DelayFault {
  kind: 'delay';
  ms: number;
  when?: When;
}

/** What goes wrong on one route of the interactions only. */
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
  /** A create with `background: true` answers 400. */
  | { kind: 'background-refused' };

/** How a job ends when nobody stops it. */
export type OutcomeFault =
  /** Completed, with text and without an image. */
  | { kind: 'refuse'; text?: string }
  /** Failed. */
  | { kind: 'fail'; message?: string; code?: string }
  /**
   * Takes this status when the work is done. A status that is not known to be final (`pondering`) never ends: it
   * burns on until it is cancelled, or for `lastsMs` ms, after which it completes.
   */
  | { kind: 'end'; status: string; lastsMs?: number }
  /** The image comes as a `uri`, which the emulator serves. */
  | { kind: 'image-as-uri' };

/** Something that goes wrong, as data. Of the faults of one group the first that fits, and is not used up, strikes. */
export type Fault = FaultScope & (AnswerFault | DelayFault | RouteFault | OutcomeFault);

/** A fault of one kind. */
export type FaultOf<K extends Fault['kind']> = Extract<Fault, { kind: K }>;
