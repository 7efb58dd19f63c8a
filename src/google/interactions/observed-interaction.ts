import { RemoteError } from '../../api/errors.js';
import type { ProbeAnswer } from '../../api/probe.js';
import { createDeferred } from '../../util/deferred.js';
import { compact } from '../../util/json.js';
import type { Timers } from '../../util/timers.js';
import { CallFailure, failureOf } from '../failures.js';
import type { ImageRequest } from '../parameters.js';
import type { JobStatus, StatusStream } from '../port.js';
import type { GenAIClient } from '../sdk.js';
import { RequestObserver } from '../transport.js';
import { InteractionsBackend } from './interactions-backend.js';

/** A job that is there can be read soon: refusals in a row beyond that are an answer. */
const MAX_REFUSALS = 5;

export const isRunning = ({ phase }: Pick<ObservedCall, 'phase'>): boolean =>
  phase === 'queued' || phase === 'running' || phase === 'unknown';

/** One call, and its answer as soon as there is one. `id` is empty where a stream has begun without a name. */
export interface ObservedCall extends ProbeAnswer, Pick<Partial<JobStatus>, 'id' | 'phase'> {
  /** When it was sent, in ms of some clock. */
  readonly sentAt: number;
}

/** One interaction, each call of which is noted with the HTTP status of its answer. None is sent again by itself. */
export class ObservedInteraction extends InteractionsBackend {
  /** In the order in which they were sent. */
  readonly calls: ObservedCall[] = [];
  /** Resolves when the stream has brought its first event, or was refused. */
  readonly streamed = createDeferred<undefined>();
  /** Events of the stream. */
  events = 0;
  readonly #timers: Timers;
  readonly #heard: (answer: ProbeAnswer) => void;

  constructor(client: GenAIClient, request: ImageRequest, timers: Timers, heard: (answer: ProbeAnswer) => void) {
    super(client, request);
    this.#timers = timers;
    this.#heard = heard;
  }

  override create(indices: readonly number[]): Promise<JobStatus> {
    return this.#observe('create', (backend) => backend.create(indices));
  }

  /** Streams one in the foreground, hangs up after its first event, and reads it until its end. It cannot be cancelled. */
  async runStreamed(signal: AbortSignal, pauseMs: number, timeoutMs: number): Promise<JobStatus> {
    const { id } = await this.#observe('create', (backend) => backend.createStreamed());
    if (id === '') throw new CallFailure('ambiguous', new RemoteError('The first event has no name.'));
    for (let refusals = 0; refusals < MAX_REFUSALS && !signal.aborted;) {
      const status = await this.read(id, timeoutMs).catch(() => undefined);
      if (status === undefined) refusals++;
      else if (!isRunning(status)) return status;
      await this.#timers.sleep(pauseMs);
    }
    throw new CallFailure('ambiguous', new RemoteError('It cannot be fetched.'));
  }

  override read(id: string, timeoutMs: number): Promise<JobStatus> {
    return this.#observe('read', (backend) => backend.read(id, timeoutMs));
  }

  override cancel(id: string, timeoutMs: number): Promise<void> {
    return this.#observe('cancel', (backend) => backend.cancel(id, timeoutMs));
  }

  override async stream(id: string, lastEventId: string | undefined): Promise<StatusStream> {
    const opening = this.#observe('stream', (backend) => backend.stream(id, lastEventId));
    opening.catch(() => this.streamed.resolve(undefined));
    const stream = await opening;
    const next = async (): ReturnType<StatusStream['next']> => {
      const event = await stream.next();
      if (event !== undefined) this.events++;
      this.streamed.resolve(undefined);
      return event;
    };
    return { next, close: () => stream.close() };
  }

  /** Makes the call in this turn. A refusal for now is a refusal: the answer is what was asked for. */
  async #observe<T>(call: ProbeAnswer['call'], send: (backend: InteractionsBackend) => Promise<T>): Promise<T> {
    const observer = new RequestObserver();
    const interactions = { value: observer.interactions(this.client) };
    const seen = Object.create(this.client, { interactions }) as GenAIClient;
    const asked = { call, httpStatus: null, sentAt: this.#timers.elapsed() };
    const position = this.calls.push(asked) - 1;
    const note = (httpStatus: number | null, code?: string, { id, status, phase }: Partial<JobStatus> = {}): void => {
      const answer = { ...compact({ code, status }), call, httpStatus: observer.response?.status ?? httpStatus };
      this.calls[position] = { ...asked, ...answer, ...compact({ id, phase }) };
      this.#heard(answer);
    };
    try {
      const value = await send(new InteractionsBackend(seen, this.request));
      // An SDK that does not show its answers has had one.
      note(200, undefined, Object(value) as Partial<JobStatus>);
      return value;
    } catch (error) {
      const failure = failureOf(error);
      note(failure.status ?? null, failure.error.code);
      throw failure.kind === 'rate-limited' ? new CallFailure('rejected', failure.error, failure) : failure;
    }
  }
}
