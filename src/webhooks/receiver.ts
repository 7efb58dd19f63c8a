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
import { textIn } from '../util/json.js';
import { Timers } from '../util/timers.js';
import { createReader, Refusal, type Delivery, type KeyOptions } from './delivery.js';

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
  expectKnownNames('options', options, ['images', 'secrets', 'jwks', 'audience', 'journal', 'onOperation']);
  const { images, journal, onOperation } = options;
  const { [OPERATIONS]: operations } = Object(images) as { [OPERATIONS]?: Operations };
  if (operations === undefined) throw new TypeError(expected('images', 'what cancelable() has returned', images));
  expectJournal('journal', journal);
  expectFunction('onOperation', onOperation);
  const { clock, logger } = operations.settings();
  const read = createReader(options, clock);
  const deliveries = new Deliveries();
  const handle = async (request: Request): Promise<Response> => {
    try {
      const delivery = await read(request);
      const looked = (name: string) => look(name, request.url, options, operations);
      await deliveries.take(delivery, (name) => new Timers(clock).within(looked(name), JOURNAL_MS));
      return new Response('Taken.');
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      log(`A webhook's delivery was not taken, and should come again: ${String(error)}`, logger);
      return new Refusal(503, 'It cannot be taken now.').response;
    }
  };
  return { handle };
}

/** Time for the journal to tell about a job: the sender waits for seconds only. */
const JOURNAL_MS = 8_000;

const MOST_REMEMBERED = 10_000;

/** The deliveries of one receiver. Each is taken once. */
class Deliveries {
  /** Those that are being taken, by their ids. */
  readonly #taking = new Map<string, Promise<void>>();
  /** The id and time of those that were taken, by the id. */
  readonly #taken = new Map<string, string>();
  /** The same, by the signature and its job: a token may not cover them. */
  readonly #signed = new Map<string, string>();

  async take({ id, timestamp, signature, claims, event }: Delivery, look: (name: string) => Promise<void>) {
    const name = jobNameIn(event);
    if ((jobNameIn(claims) ?? name) !== name) throw new Refusal(401, 'The body is not the signed one.');
    // A token may be good for several events. Its last part has more than one spelling.
    const token = `${signature.replace(/\.[^.]*$/, '')} ${name}`;
    const use = `${id} ${timestamp}`;
    if ((this.#signed.get(token) ?? use) !== use) throw new Refusal(401, 'The token came with another delivery.');
    const lookOnce = async (): Promise<void> => {
      if (name !== undefined && !this.#taken.has(id)) await look(name);
      remember(this.#taken, id, use);
    };
    const taking = this.#taking.get(id) ?? lookOnce().finally(() => this.#taking.delete(id));
    this.#taking.set(id, taking);
    await taking;
    remember(this.#signed, token, use);
  }
}

/** Adds an entry to a map. The oldest goes, so that the map does not grow for ever. */
function remember(map: Map<string, string>, key: string, value: string): void {
  map.set(key, value);
  const [oldest = key] = map.keys();
  if (map.size > MOST_REMEMBERED) map.delete(oldest);
}

/** Reads the status of a job here, or attaches to its operation in the journal. No event begins a time that ends in a cancel. */
async function look(name: string, uri: string, given: ReceiverOptions, operations: Operations): Promise<void> {
  if (operations.hint(name)) return;
  const { logger, journal: usual } = operations.settings();
  const { images, onOperation, journal = usual } = given;
  if (!journal) return;
  const server = serverOf(operations.client);
  const filter = (record: JournalRecord): boolean =>
    record.jobs.some((job) => job.name === name) && differenceOf(record.server, server) === undefined;
  const found = (await readJournal(journal)).operations.find(({ record }) => filter(record));
  if (found === undefined) return;
  const options = { webhook: { uris: [uri] }, timeoutMs: Number.MAX_SAFE_INTEGER };
  const recovery = found.isOrphan ? await images.recover({ ...options, journal, limit: 1, filter }) : undefined;
  const own = recovery?.operations[0];
  // It may have become known here meanwhile.
  if (own === undefined && operations.hint(name)) return;
  // Its owner lives: only that process records it, cancels it, and starts the rest of its jobs.
  const alone = { ...options, journal: false, cancelSignal: new AbortController().signal } as const;
  const jobs = found.record.jobs.filter((job) => job.name !== undefined);
  const operation = own?.operation ?? images.attach({ ...found.record, jobs }, alone);
  if (own === undefined) operation.detach();
  const told = new Promise((resolve) => resolve(onOperation?.(operation)));
  told.catch((error: unknown) => log(`onOperation failed for ${operation.id}: ${String(error)}`, logger));
}

/** Returns the name of the job that an event is about; `undefined` if it is about something else. */
function jobNameIn(event: Record<string, unknown>): string | undefined {
  const type = textIn(event, 'type') ?? '';
  const id = textIn(event['data'], 'id') ?? '';
  const backend = type.startsWith('batch.') ? 'batches' : 'interactions';
  const name = id.includes('/') ? id : `${backend}/${id}`;
  return /^(?:batch|interaction)\./.test(type) && isJobName(backend, name) ? name : undefined;
}
