import type { JWTVerifyGetKey } from 'jose';
import { isRecent, Refusal, TOLERANCE_S, type Delivery } from './delivery.js';

/** The keys that Google signs with: the address where they are, or a JSON Web Key Set. */
export type KeySet = string | URL | { readonly keys: readonly object[] };

/** What a delivery says under its signature, apart from its body. */
export type Claims = Readonly<Record<string, unknown>>;

/** Verifies a delivery, or rejects with a `Refusal`. */
export type Verifier = (delivery: Delivery) => Promise<Claims>;

const mismatch = (): Refusal => new Refusal(401, 'The signature does not match.');

/** Makes the verifier of Standard Webhooks: the secrets are in base64, after an optional `whsec_`. */
export function signatureVerifier(secrets: readonly string[]): Verifier {
  const keys = secrets.map(keyOf);
  return async ({ id, timestamp, signature, body }) => {
    const { Webhook } = await import('standardwebhooks');
    const at = new Date(timestamp * 1000);
    const right = keys.map((key) => new Webhook(key, { format: 'raw' }).sign(id, at, body));
    const given = signature.split(' ');
    if (right.some((one) => given.some((other) => isSame(one, other)))) return {};
    throw mismatch();
  };
}

/** Decodes a secret. Throws for one that is none. */
export function keyOf(secret: string): Uint8Array {
  const key = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (letter) => letter.charCodeAt(0));
  if (key.length === 0) throw new TypeError('It is empty.');
  return key;
}

/** Compares in a time that does not tell where the texts differ. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index++) difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return difference === 0;
}

/** Makes the verifier of tokens: JWTs that are signed with RS256 by a key of the set. */
export function tokenVerifier(jwks: KeySet, audience: string | readonly string[] | undefined): Verifier {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return async ({ signature, now }) => {
    const { jwtVerify } = await import('jose');
    const options = {
      algorithms: ['RS256'],
      currentDate: new Date(now),
      clockTolerance: TOLERANCE_S,
      requiredClaims: ['iat'],
      ...(audience !== undefined && { audience: [audience].flat() }),
    };
    const { payload } = await jwtVerify(signature, await (keys ??= keysOf(jwks)), options).catch(refuse);
    const { iat = 0, exp = Infinity } = payload;
    if (!isRecent(iat, now) || exp * 1000 <= now) throw new Refusal(401, 'The token is not valid at this time.');
    return payload;
  };
}

async function keysOf(jwks: KeySet): Promise<JWTVerifyGetKey> {
  const { createLocalJWKSet, createRemoteJWKSet } = await import('jose');
  const isAddress = typeof jwks === 'string' || jwks instanceof URL;
  if (!isAddress) return createLocalJWKSet({ keys: [...jwks.keys] });
  const remote = createRemoteJWKSet(new URL(jwks));
  return (header, token) =>
    remote(header, token).catch((error: unknown) => {
      if (isAbout(error, /^ERR_JWKS_(?:NO|MULTIPLE)_MATCHING/)) throw error;
      throw new Refusal(503, 'The key server does not answer as it should.');
    });
}

/** Everything that jose finds wrong with a token is a reason to refuse it. */
function refuse(error: unknown): never {
  throw isAbout(error, /^ERR_J/) ? mismatch() : error;
}

function isAbout(error: unknown, codes: RegExp): boolean {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && codes.test(code);
}
