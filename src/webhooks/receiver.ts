import type { Operation } from '../api/handle.js';
import { isJobName } from '../api/job-name.js';
import { expectJournal, type Journal } from '../api/journal.js';
import type { CancelableImages } from '../client/cancelable-images.js';
import { hintsOf, type Hints } from '../client/hints.js';
import * as util from '../util/expected.js';
import { isObject, parseJson, textIn } from '../util/json.js';
import { Recent } from '../util/recent.js';
import { Timers } from '../util/timers.js';
import { readDelivery, Refusal, type Delivery } from './delivery.js';
import { keyOf, signatureVerifier, tokenVerifier, type Claims, type KeySet, type Verifier } from './verify.js';

/** Options of `receiver()`: `secrets`, `jwks`, or both. A form of signature without its option is refused. */
export interface ReceiverOptions {
  /** The client whose operations the events are about. */
  images: CancelableImages;
  /** The secrets of registered webhooks (`whsec_…`); two while one is rotated. Needs the package `standardwebhooks`. */
  secrets?: readonly string[] | undefined;
  /** The keys for webhooks of the option `webhook`: their address, or a JSON Web Key Set. Needs the package `jose`. */
  jwks?: KeySet | undefined;
  /** The audience that a token must have, or one of several. @default any: Google does not document it */
  audience?: string | readonly string[] | undefined;
  /** Where to look for operations that are not in flight here; `false` for nowhere. @default the journal of `images` */
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
  const deliveries = new Deliveries(options);
  return { handle: (request) => deliveries.handle(request) };
}

const MOST_REMEMBERED = 10_000;

/** Time for the journal to tell about a job: the sender waits for seconds only. */
const JOURNAL_MS = 8_000;

const names = ['images', 'secrets', 'jwks', 'audience', 'journal', 'onOperation'];

class Deliveries {
  readonly #hints: Hints;
  readonly #journal: Journal | false | undefined;
  readonly #onOperation: ReceiverOptions['onOperation'];
  readonly #bySignature: Verifier | undefined;
  readonly #byToken: Verifier | undefined;
  /** The deliveries that were taken, or are being taken, by their ids. */
  readonly #taken = new Recent<Promise<void>>(MOST_REMEMBERED);
  /** The id of the delivery that a token came with first, by the id of the token. */
  readonly #tokens = new Recent<string>(MOST_REMEMBERED);

  constructor(options: ReceiverOptions) {
    util.expectKnownNames('options', options, names);
    const { images, secrets, jwks, audience, journal, onOperation } = options;
    const hints = hintsOf(images);
    if (hints === undefined) throw new TypeError(util.expected('images', 'what cancelable() has returned', images));
    expectJournal('journal', journal);
    util.expectFunction('onOperation', onOperation);
    this.#hints = hints;
    this.#journal = journal;
    this.#onOperation = onOperation;
    this.#bySignature = secrets && signatureVerifier(expectSome('secrets', secrets, expectSecret));
    const audiences = audience === undefined ? undefined : expectSome('audience', [audience].flat(), util.expectText);
    this.#byToken = jwks === undefined ? undefined : tokenVerifier(expectKeySet(jwks), audiences);
    if (secrets === undefined && jwks === undefined)
      throw new TypeError('Expected `secrets`, `jwks` or both: nothing could be verified.');
  }

  async handle(request: Request): Promise<Response> {
    try {
      const delivery = await readDelivery(request, this.#hints.clock);
      const claims = await this.#verify(delivery);
      await (this.#taken.get(delivery.id) ?? this.#take(delivery, claims));
      return new Response('Taken.');
    } catch (error) {
      if (error instanceof Refusal) return answer(error);
      this.#hints.warn(`A webhook's delivery was not taken, and should come again: ${String(error)}`);
      return answer(new Refusal(503, 'It cannot be taken now.'));
    }
  }

  /** The form of the signature tells how to verify it. */
  async #verify(delivery: Delivery): Promise<Claims> {
    const isSignature = /^v\d\w*,/.test(delivery.signature);
    const isToken = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(delivery.signature);
    const verify = isSignature ? this.#bySignature : isToken ? this.#byToken : undefined;
    if (verify === undefined) throw new Refusal(401, 'Signatures of this form are not taken.');
    const claims = await verify(delivery);
    const { jti } = claims;
    const first = typeof jti === 'string' && jti !== delivery.id ? this.#tokens.get(jti) : undefined;
    if (first !== undefined && first !== delivery.id) throw new Refusal(401, 'The token came with another delivery.');
    return claims;
  }

  async #take(delivery: Delivery, claims: Claims): Promise<void> {
    const { id } = delivery;
    const taking = this.#hint(delivery, claims);
    this.#taken.set(id, taking);
    try {
      await taking;
      if (typeof claims['jti'] === 'string') this.#tokens.set(claims['jti'], id);
    } catch (error) {
      this.#taken.delete(id);
      throw error;
    }
  }

  async #hint({ body }: Delivery, claims: Claims): Promise<void> {
    const event = parseJson(body);
    if (!isObject(event)) throw new Refusal(400, 'Expected an event.');
    const name = jobNameIn(event);
    // Google does not document whether a token holds the event. If it does, the body must not tell of another job.
    if (isObject(claims['data']) && jobNameIn(claims) !== name)
      throw new Refusal(401, 'The body is not the signed one.');
    if (name === undefined) return;
    const found = (operation: Operation): void => void this.#tell(operation);
    await new Timers(this.#hints.clock).within(this.#hints.take(name, this.#journal, found), JOURNAL_MS);
  }

  async #tell(operation: Operation): Promise<void> {
    try {
      await this.#onOperation?.(operation);
    } catch (error) {
      this.#hints.warn(`onOperation failed for ${operation.id}: ${String(error)}`);
    }
  }
}

function answer({ status, message }: Refusal): Response {
  return new Response(message, { status, headers: status === 405 ? { allow: 'POST' } : {} });
}

const BACKENDS = { batch: 'batches', interaction: 'interactions' } as const;

/** Returns the name of the job that an event is about; `undefined` if it is about something else. */
function jobNameIn(event: Record<string, unknown>): string | undefined {
  const [, kind] = /^(batch|interaction)\./.exec(textIn(event, 'type') ?? '') ?? [];
  const id = textIn(event['data'], 'id');
  if (kind === undefined || id === undefined) return undefined;
  const backend = BACKENDS[kind as keyof typeof BACKENDS];
  const name = id.includes('/') ? id : `${backend}/${id}`;
  return isJobName(backend, name) ? name : undefined;
}

function expectSome<T>(name: string, value: unknown, parse: (name: string, value: unknown) => T): readonly T[] {
  const some = util.expectList(name, value, parse);
  if (some.length === 0) throw new TypeError(util.expected(name, 'a list that is not empty', value));
  return some;
}

function expectSecret(name: string, secret: unknown): string {
  try {
    keyOf(util.expectText(name, secret));
    return secret as string;
  } catch {
    throw new TypeError(util.expected(name, 'a secret in base64, such as whsec_…', secret));
  }
}

function expectKeySet(jwks: unknown): KeySet {
  if (typeof jwks === 'string' || jwks instanceof URL) return util.expectHttpUrl('jwks', jwks);
  const { keys } = util.expectFields('jwks', jwks, { keys: expectKeys }, {});
  return { keys };
}

function expectKeys(name: string, keys: unknown): readonly object[] {
  return expectSome(name, keys, util.expectObject);
}
