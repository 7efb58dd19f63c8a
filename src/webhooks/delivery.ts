import type { JWTVerifyGetKey } from 'jose';
import { systemClock, type Clock } from '../util/clock.js';
import * as util from '../util/expected.js';
import { isObject, parseJson } from '../util/json.js';

/** The keys and secrets of a receiver. */
export interface KeyOptions {
  /** The secrets of registered webhooks (`whsec_…`); two while one is rotated. Needs the package `standardwebhooks`. */
  secrets?: readonly string[] | undefined;
  /** The keys for webhooks of the option `webhook`: their address, or a JSON Web Key Set. Needs the package `jose`. */
  jwks?: string | URL | { readonly keys: readonly object[] } | undefined;
  /** The audience that a token must have, or one of several. @default any: Google does not document it */
  audience?: string | readonly string[] | undefined;
}

/** The reason why a delivery is not taken, as an answer. */
export class Refusal extends Error {
  readonly response: Response;

  constructor(status: number, message: string) {
    super(message);
    this.response = new Response(message, { status, headers: { allow: 'POST' } });
  }
}

/** One call of the webhook, its time in seconds. `claims` are those of a token. */
export type Delivery = Awaited<ReturnType<ReturnType<typeof createReader>>>;

/** Tells the claims of a token. A signature of Standard Webhooks has none: it covers the whole delivery. */
type Verifier = (delivery: Awaited<ReturnType<typeof readDelivery>>) => Promise<Record<string, unknown>>;

const MAX_BYTES = 2 ** 20;
const TOLERANCE_S = 300;
const MISMATCH = 'The signature does not match.';
const SECRET = /^(?:whsec_)?(?=.)(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;
const expectSecret = (name: string, secret: unknown): string =>
  util.expectMatch(name, secret, SECRET, 'a secret in base64, such as whsec_…');

/** Makes a reader of deliveries in both forms, which rejects with a `Refusal`. Tokens have dots, base64 has none. */
export function createReader({ secrets, jwks, audience }: KeyOptions, clock: Clock) {
  if (secrets === undefined && jwks === undefined)
    throw new TypeError('Expected `secrets`, `jwks` or both: nothing could be verified.');
  const audiences =
    audience === undefined ? undefined : util.expectSome('audience', [audience].flat(), util.expectText);
  const bySecret = secrets && secretVerifier(util.expectSome('secrets', secrets, expectSecret));
  const byToken = jwks === undefined ? undefined : tokenVerifier(expectKeySet(jwks), audiences);
  return async (request: Request) => {
    const delivery = await readDelivery(request, clock);
    const verify = delivery.signature.includes('.') ? byToken : bySecret;
    if (verify === undefined) throw new Refusal(401, 'Signatures of this form are not taken.');
    const claims = await verify(delivery);
    const event = parseJson(delivery.body);
    if (!isObject(event)) throw new Refusal(400, 'Expected an event.');
    return { ...delivery, claims, event };
  };
}

/** Reads what is still to be verified, except for the time. */
async function readDelivery(request: Request, clock: Clock) {
  const { method, headers } = request;
  if (method !== 'POST') throw new Refusal(405, 'Expected a POST.');
  const type = headers.get('content-type') ?? 'application/json';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) throw new Refusal(415, 'Expected JSON.');
  const [id, signature, time] = ['id', 'signature', 'timestamp'].map((name) => headers.get(`webhook-${name}`));
  const timestamp = /^\d{1,12}$/.test(time ?? '') ? Number(time) : NaN;
  if (!id || !signature || Number.isNaN(timestamp))
    throw new Refusal(400, 'Expected the headers webhook-id, webhook-timestamp and webhook-signature.');
  // A sender in a test may keep the real time where the library has a clock of its own.
  const now = [clock, systemClock].map((one) => one.now()).find((at) => isRecent(timestamp, at));
  if (now === undefined) throw new Refusal(401, 'The timestamp is more than five minutes off.');
  return { id, timestamp, signature, body: await readBody(request), now };
}

function isRecent(seconds: number, now: number): boolean {
  return Math.abs(Math.floor(now / 1000) - seconds) <= TOLERANCE_S;
}

/** Reads no more than the limit, whatever the length that is announced. */
async function readBody({ body }: Request): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: AsyncIterable<Uint8Array> | readonly Uint8Array[] = body ?? [];
  let [text, bytes] = ['', 0];
  try {
    for await (const piece of pieces) {
      bytes += piece.byteLength;
      if (bytes > MAX_BYTES) throw new Refusal(413, `Expected at most ${MAX_BYTES} bytes.`);
      text += decoder.decode(piece, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(400, 'Expected a body in UTF-8 that was not read before.');
  }
}

function secretVerifier(secrets: readonly string[]): Verifier {
  return async ({ id, timestamp, signature, body }) => {
    const { Webhook } = await import('standardwebhooks');
    const at = new Date(timestamp * 1000);
    const isRight = secrets.some((secret) => {
      const webhook = new Webhook(secret);
      // Signed once more, the two can be compared in a time that does not tell where they differ.
      const right = webhook.sign(id, at, webhook.sign(id, at, body));
      return signature.split(' ').some((given) => webhook.sign(id, at, given) === right);
    });
    if (!isRight) throw new Refusal(401, MISMATCH);
    return {};
  };
}

function tokenVerifier(jwks: ReturnType<typeof expectKeySet>, audience: readonly string[] | undefined): Verifier {
  let keys: JWTVerifyGetKey | undefined;
  const options = { algorithms: ['RS256'], clockTolerance: TOLERANCE_S, ...(audience && { audience: [...audience] }) };
  return async ({ signature, now }) => {
    const { jwtVerify, createLocalJWKSet, createRemoteJWKSet } = await import('jose');
    keys ??= jwks instanceof URL ? createRemoteJWKSet(jwks) : createLocalJWKSet({ keys: [...jwks.keys] });
    const { payload } = await jwtVerify(signature, keys, { ...options, currentDate: new Date(now) }).catch(refuse);
    const { iat = 0, exp = Infinity } = payload;
    if (!isRecent(iat, now) || exp * 1000 <= now) throw new Refusal(401, 'The token is not valid at this time.');
    return payload;
  };
}

/** Refuses a token for everything that is wrong with it. The rest is wrong with the keys, or with their server. */
function refuse(error: unknown): never {
  const { code } = Object(error) as { code?: unknown };
  if (/^ERR_(?:J(?!OSE_GENERIC|WKS_TIMEOUT|WKS_INVALID))/.test(String(code))) throw new Refusal(401, MISMATCH);
  throw error;
}

function expectKeySet(jwks: unknown) {
  if (typeof jwks === 'string' || jwks instanceof URL) return new URL(util.expectHttpUrl('jwks', jwks));
  const keys = (name: string, value: unknown): readonly object[] => util.expectSome(name, value, util.expectObject);
  return util.expectFields('jwks', jwks, { keys }, {});
}
