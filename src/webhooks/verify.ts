import type { JWTVerifyGetKey } from 'jose';
import * as util from '../util/expected.js';
import { isRecent, Refusal, TOLERANCE_S, type Delivery } from './delivery.js';

type KeySet = string | URL | { readonly keys: readonly object[] };

/** The keys and secrets of a receiver. */
export interface KeyOptions {
  /** The secrets of registered webhooks (`whsec_…`); two while one is rotated. Needs the package `standardwebhooks`. */
  secrets?: readonly string[] | undefined;
  /** The keys for webhooks of the option `webhook`: their address, or a JSON Web Key Set. Needs the package `jose`. */
  jwks?: KeySet | undefined;
  /** The audience that a token must have, or one of several. @default any: Google does not document it */
  audience?: string | readonly string[] | undefined;
}

/** Tells the claims of a token. A signature of Standard Webhooks has none: it covers the whole delivery. */
type Verifier = (delivery: Delivery) => Promise<Record<string, unknown> | undefined>;

const SECRET = /^(?:whsec_)?(?=.)(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;
const expectSecret = (name: string, secret: unknown): string =>
  util.expectMatch(name, secret, SECRET, 'a secret in base64, such as whsec_…');

/** Makes the verifier of both forms, which rejects with a `Refusal`. Tokens have dots, base64 has none. */
export function createVerifier({ secrets, jwks, audience }: KeyOptions): Verifier {
  if (secrets === undefined && jwks === undefined)
    throw new TypeError('Expected `secrets`, `jwks` or both: nothing could be verified.');
  const audiences =
    audience === undefined ? undefined : util.expectSome('audience', [audience].flat(), util.expectText);
  const bySecret = secrets && secretVerifier(util.expectSome('secrets', secrets, expectSecret));
  const byToken = jwks === undefined ? undefined : tokenVerifier(expectKeySet(jwks), audiences);
  return async (delivery) => {
    const verify = delivery.signature.includes('.') ? byToken : bySecret;
    if (verify === undefined) throw new Refusal(401, 'Signatures of this form are not taken.');
    return verify(delivery);
  };
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
    if (!isRight) throw mismatch();
    return undefined;
  };
}

function tokenVerifier(jwks: KeySet, audience: readonly string[] | undefined): Verifier {
  let keys: JWTVerifyGetKey | undefined;
  const options = { algorithms: ['RS256'], clockTolerance: TOLERANCE_S, ...(audience && { audience: [...audience] }) };
  return async ({ signature, now }) => {
    const { jwtVerify, createLocalJWKSet, createRemoteJWKSet } = await import('jose');
    const isAddress = typeof jwks === 'string' || jwks instanceof URL;
    keys ??= isAddress ? createRemoteJWKSet(new URL(jwks)) : createLocalJWKSet({ keys: [...jwks.keys] });
    const { payload } = await jwtVerify(signature, keys, { ...options, currentDate: new Date(now) }).catch(refuse);
    const { iat = 0, exp = Infinity } = payload;
    if (!isRecent(iat, now) || exp * 1000 <= now) throw new Refusal(401, 'The token is not valid at this time.');
    return payload;
  };
}

/** Refuses a token for everything that is wrong with it. The rest is wrong with the keys, or with their server. */
function refuse(error: unknown): never {
  const { code } = Object(error) as { code?: unknown };
  if (/^ERR_(?:J(?!OSE_GENERIC|WKS_TIMEOUT|WKS_INVALID))/.test(String(code))) throw mismatch();
  throw error;
}

const mismatch = (): Refusal => new Refusal(401, 'The signature does not match.');

function expectKeySet(jwks: unknown): KeySet {
  if (typeof jwks === 'string' || jwks instanceof URL) return util.expectHttpUrl('jwks', jwks);
  const keys = (name: string, value: unknown): readonly object[] => util.expectSome(name, value, util.expectObject);
  return util.expectFields('jwks', jwks, { keys }, {});
}
