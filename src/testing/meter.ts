import { createDeferred } from '../util/deferred.js';
import type { Fault } from './faults.js';
import type { Route } from './routes.js';

/** The kind of request that made a job. Only `background` jobs and batches can be cancelled. */
export type JobKind = 'background' | 'synchronous' | 'predict' | 'generateContent' | 'batch';

/**
 * The reason for the end of a job. `ended` is a status given by an `end` fault; `deadline` the one that the request set with
 * `X-Server-Timeout`. A batch that was cancelled in the middle says SUCCEEDED, and here `cancelled`.
 */
export type EndReason = 'completed' | 'cancelled' | 'failed' | 'refused' | 'ended' | 'deadline' | 'expired';

/** The items of a batch by how they ended; the others wait or run. */
export interface ItemCounts {
  readonly total: number;
  /** With an answer: an image, or the words of a refusal. */
  readonly completed: number;
  /** Stopped, or never begun, when the batch was cancelled or expired. */
  readonly cancelled: number;
  readonly failed: number;
}

/** One piece of paid work. The record is live: it changes as the job goes on. All times are ms of the emulator's clock. */
export interface JobRecord {
  /** `interactions/<id>`, `batches/<id>`, `projects/…/batchPredictionJobs/<id>`; undefined for other jobs. */
  readonly name: string | undefined;
  /** Order of creation, from 0. */
  readonly index: number;
  readonly kind: JobKind;
  /** The model, or the agent, as the request named it. */
  readonly model: string;
  /** GPU milliseconds that the job costs when nothing stops it. */
  readonly workMs: number;
  readonly createdAt: number;
  /** When the queue let it go and the GPU began. */
  readonly startedAt?: number | undefined;
  /** When the GPU stopped, or when it left the queue without ever reaching the GPU. */
  readonly endedAt?: number | undefined;
  /** GPU milliseconds burned up to now. */
  readonly gpuMs: number;
  /** The status in the server's words: `queued`, `in_progress`, `completed`, …, or `BATCH_STATE_…`, `JOB_STATE_…` */
  readonly status: string;
  readonly endReason?: EndReason | undefined;
  /** When the first cancel call that was heeded came in. */
  readonly cancelRequestedAt?: number | undefined;
  /** The record was deleted; the work goes on. */
  readonly deleted: boolean;
  /** When the client that waited for the answer left before it came. Not set for background jobs. */
  readonly clientGoneAt?: number | undefined;
  /** Of a batch: how far it is. */
  readonly items?: ItemCounts | undefined;
  /** Of a batch: the name that its creator gave it. */
  readonly displayName?: string | undefined;
}

/** One request, live until it is answered. Headers are not kept, nor is a `key` in the query. */
export interface RequestRecord {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly route: Route;
  /** Name of the job that the request made or asked for. */
  readonly job?: string | undefined;
  /** The parsed JSON body, or the text when it is not JSON. */
  readonly body?: unknown;
  /** Size of the body. */
  readonly bodyBytes: number;
  /** The deadline that the client gave with `X-Server-Timeout`, counted from `at`. */
  readonly serverTimeoutMs?: number | undefined;
  /** Whether the request had credentials that the emulator accepts. */
  readonly authorized: boolean;
  /** The `x-goog-api-client` header: which client sent it. */
  readonly apiClient?: string | undefined;
  /** HTTP status; undefined while unanswered, and when the connection was reset instead. */
  readonly status?: number | undefined;
  /** When the answer (of a stream: its head) went out, or the connection was reset. */
  readonly answeredAt?: number | undefined;
  /** When the client left before the answer, or before the end of the stream. */
  readonly clientLeftAt?: number | undefined;
  /** Events sent, for a stream. */
  readonly events?: number | undefined;
  /** When the server ended the stream, for a stream. */
  readonly streamEndedAt?: number | undefined;
  /** Kinds of the faults that were applied, in order. */
  readonly faults: readonly Fault['kind'][];
  /** The first of `faults`. */
  readonly fault?: Fault['kind'] | undefined;
}

/** A fault and how often it struck. */
export interface FaultRecord {
  readonly fault: Fault;
  readonly addedAt: number;
  /** How many requests (or jobs, for outcomes) fitted it, those let pass by `skip` included. */
  readonly matched: number;
  /** How often it was applied. */
  readonly applied: number;
  /** False once it was removed. */
  readonly active: boolean;
}

/** One call of a webhook. */
export interface DeliveryRecord {
  readonly at: number;
  /** The `webhook-id`: the same each time that the event is sent. */
  readonly id: string;
  readonly uri: string;
  readonly type: string;
  readonly job: string;
  /** `secret`: a Standard Webhooks signature. `token`: a JWT. */
  readonly form: 'secret' | 'token';
  /** The HTTP status of the answer; undefined while there is none. */
  readonly status: number | undefined;
}

/** The requests that the emulator saw, and their cost. The lists are live and in order of arrival. */
export interface Meter {
  readonly jobs: readonly JobRecord[];
  readonly requests: readonly RequestRecord[];
  readonly faults: readonly FaultRecord[];
  /** Calls of webhooks. */
  readonly deliveries: readonly DeliveryRecord[];
  /** Streams that are open now. */
  readonly openStreams: number;
  /** Requests that took this route. */
  requestsTo(route: Route): readonly RequestRecord[];
  /** Jobs that have not ended: those in the queue and those on a GPU. */
  running(): readonly JobRecord[];
  /** GPU milliseconds burned by all jobs up to now. */
  gpuMs(): number;
}

/** The meter as the emulator writes it. Every change is told to the watchers in the same turn. */
export class MeterBook implements Meter {
  readonly jobs: JobRecord[] = [];
  readonly requests: RequestRecord[] = [];
  readonly faults: FaultRecord[] = [];
  readonly deliveries: DeliveryRecord[] = [];
  openStreams = 0;
  readonly #watchers = new Set<() => void>();

  requestsTo(route: Route): readonly RequestRecord[] {
    return this.requests.filter((request) => request.route === route);
  }

  running(): readonly JobRecord[] {
    return this.jobs.filter((job) => job.endedAt === undefined);
  }

  gpuMs(): number {
    return this.jobs.reduce((sum, job) => sum + job.gpuMs, 0);
  }

  change(apply: () => void): void {
    apply();
    for (const watcher of [...this.#watchers]) watcher();
  }

  waitFor(predicate: (meter: Meter) => boolean, signal?: AbortSignal): Promise<Meter> {
    const { promise, resolve, reject } = createDeferred<Meter>();
    const look = (): void => {
      try {
        signal?.throwIfAborted();
        if (predicate(this)) resolve(this);
      } catch (error) {
        reject(error as Error);
      }
    };
    this.#watchers.add(look);
    signal?.addEventListener('abort', look);
    look();
    return promise.finally(() => {
      this.#watchers.delete(look);
      signal?.removeEventListener('abort', look);
    });
  }

  clear(): void {
    this.change(() => {
      for (const list of [this.jobs, this.requests, this.faults, this.deliveries]) list.length = 0;
      this.openStreams = 0;
    });
  }
}
