import type { Operation } from '../api/handle.js';
import { isJobName } from '../api/job-name.js';
import { expectJournal, type Journal } from '../api/journal.js';
import { differenceOf } from '../api/snapshot.js';
import { OPERATIONS, type CancelableImages } from '../client/cancelable-images.js';
import type { Operations } from '../client/operations.js';
import { serverOf } from '../google/sdk.js';
import { readJournal } from '../journal/read.js';
import type { JournalRecord } from '../journal/record.js';
import { log } from '../operation/publisher.js';
import { expected, expectFunction, expectKnownNames } from '../util/expected.js';
import { isObject, parseJson, textIn } from '../util/json.js';
import { Timers } from '../util/timers.js';
import { readDelivery, Refusal } from './delivery.js';
import { createVerifier, type KeyOptions } from './verify.js';

/** Options of `receiver()`: `secrets`, `jwks`, or both. A form of signature without its option is refused. */
export interface ReceiverOptions extends KeyOptions {
  /** The client whose operations the events are about. */
  images: CancelableImages;
  /** The place to look for operations that are not in flight here; `false` for nowhere. @default the journal of `images` */
  journal?: Journal | false | undefined;
  /** Gets each operation that was found in the journal, before anything is sent for it. @default none */
  onOperation?: ((operation: Operation) => unknown) | undefined;
}

/** A receiver of webhooks. */
export interface Receiver {
  /**
   * Answers a delivery. 2xx: taken, duplicates and events about unknown jobs too. 400, 401, 405, 413, 415: refused. 5xx: it should
   * come again, since the key server or the journal is down. Never rejects. The body must not have been read.
   */
  readonly handle: (request: Request) => Promise<Response>;
}

/**
 * Makes a receiver of Google's webhooks. A verified event is a hint: the library reads the status of the job soon, and believes
 * only that.
 * @throws {TypeError} for bad options
 * @example
 * ```ts
 * const { handle } = receiver({ images, secrets: [process.env.WEBHOOK_SECRET] });
 * app.post('/webhook', (context) => handle(context.req.raw));
 * ```
 */
export function receiver(options: ReceiverOptions): Receiver {
  return new Deliveries(options);
}

const MOST_REMEMBERED = 10_000;

/** Time for the journal to tell about a job: the sender waits for seconds only. */
const JOURNAL_MS = 8_000;

class Deliveries implements Receiver {
  readonly #operations: Operations;
  readonly #options: ReceiverOptions;
  readonly #verify;
  /** The deliveries that were taken, or are being taken, by their ids. */
  readonly #taken = new Map<string, Promise<void>>();
  /** The id and time that a token came with first, by the token and its job. It may not cover them. */
  readonly #tokens = new Map<string, string>();

  constructor(options: ReceiverOptions) {
    expectKnownNames('options', options, ['images', 'secrets', 'jwks', 'audience', 'journal', 'onOperation']);
    const { images, journal, onOperation } = options;
    const { [OPERATIONS]: operations } = Object(images) as { [OPERATIONS]?: Operations };
    if (operations === undefined) throw new TypeError(expected('images', 'what cancelable() has returned', images));
    expectJournal('journal', journal);
    expectFunction('onOperation', onOperation);
    this.#operations = operations;
    this.#options = options;
    this.#verify = createVerifier(options);
  }

  readonly handle = async (request: Request): Promise<Response> => {
    try {
      await this.#receive(request);
      return new Response('Taken.');
    } catch (error) {
      const isRefused = error instanceof Refusal;
      if (!isRefused) this.#warn(`A webhook's delivery was not taken, and should come again: ${String(error)}`);
      const { status, message } = isRefused ? error : new Refusal(503, 'It cannot be taken now.');
      return new Response(message, { status, headers: { allow: 'POST' } });
    }
  };

  async #receive(request: Request): Promise<void> {
    const delivery = await readDelivery(request, this.#operations.settings().clock);
    const claims = await this.#verify(delivery);
    const { id, timestamp, signature } = delivery;
    const event = parseJson(delivery.body);
    if (!isObject(event)) throw new Refusal(400, 'Expected an event.');
    const name = jobNameIn(event);
    if (claims !== undefined && (jobNameIn(claims) ?? name) !== name)
      throw new Refusal(401, 'The body is not the signed one.');
    // A token may be good for several events. Its last part has more than one spelling.
    const token = claims && `${signature.replace(/\.[^.]*$/, '')} ${name}`;
    const use = `${id} ${timestamp}`;
    if ((this.#tokens.get(token ?? '') ?? use) !== use) throw new Refusal(401, 'The token came with another delivery.');
    await (this.#taken.get(id) ?? this.#take(id, name, request.url));
    if (token !== undefined) remember(this.#tokens, token, use);
  }

  #take(id: string, name: string | undefined, uri: string): Promise<void> {
    const { clock } = this.#operations.settings();
    const taken = new Timers(clock).within(this.#look(name, uri), JOURNAL_MS).catch((error: unknown) => {
      this.#taken.delete(id);
      throw error;
    });
    remember(this.#taken, id, taken);
    return taken;
  }

  /** Reads the status of a job here, or attaches to its operation in the journal. No event begins a time that ends in a cancel. */
  async #look(name: string | undefined, uri: string): Promise<void> {
    if (name === undefined || this.#operations.hint(name)) return;
    const { images, journal = this.#operations.settings().journal ?? false } = this.#options;
    if (journal === false) return;
    const server = serverOf(this.#operations.client);
    const filter = (record: JournalRecord): boolean =>
      record.jobs.some((job) => job.name === name) && differenceOf(record.server, server) === undefined;
    const found = (await readJournal(journal)).operations.find(({ record }) => filter(record));
    if (found === undefined) return;
    const options = { webhook: { uris: [uri] }, timeoutMs: Number.MAX_SAFE_INTEGER };
    const recovery = found.isOrphan ? await images.recover({ ...options, journal, limit: 1, filter }) : undefined;
    const own = recovery?.operations[0];
    // It may have become known here meanwhile.
    if (own === undefined && this.#operations.hint(name)) return;
    // Its owner lives: only that process records it, cancels it, and starts the rest of its jobs.
    const alone = { ...options, journal: false, cancelSignal: new AbortController().signal } as const;
    const jobs = found.record.jobs.filter((job) => job.name !== undefined);
    const operation = own?.operation ?? images.attach({ ...found.record, jobs }, alone);
    if (own === undefined) operation.detach();
    void this.#tell(operation);
  }

  async #tell(operation: Operation): Promise<void> {
    try {
      await this.#options.onOperation?.(operation);
    } catch (error) {
      this.#warn(`onOperation failed for ${operation.id}: ${String(error)}`);
    }
  }

  #warn(message: string): void {
    log(message, this.#operations.settings().logger);
  }
}

/** Adds an entry to a map. The oldest goes, so that the map does not grow for ever. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest = key] = map.keys();
  if (map.size > MOST_REMEMBERED) map.delete(oldest);
}

/** Returns the name of the job that an event is about; `undefined` if it is about something else. */
function jobNameIn(event: Record<string, unknown>): string | undefined {
  const type = textIn(event, 'type') ?? '';
  const id = textIn(event['data'], 'id') ?? '';
  const backend = type.startsWith('batch.') ? 'batches' : 'interactions';
  const name = id.includes('/') ? id : `${backend}/${id}`;
  return /^(?:batch|interaction)\./.test(type) && isJobName(backend, name) ? name : undefined;
}
