import { Buffer } from 'node:buffer';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { Webhook } from 'standardwebhooks';
import type { Clock } from '../../src/index.js';

export const SECRET = `whsec_${Buffer.from('a secret of 24 bytes or so').toString('base64')}`;
export const OTHER_SECRET = `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}`;
export const AUDIENCE = 'https://example.com/webhook';

const rsa = await generateKeyPair('RS256', { extractable: true });
export const stranger = await generateKeyPair('RS256', { extractable: true });
export const publicKey = { ...(await exportJWK(rsa.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
export const KEY_SET = { keys: [publicKey] };

/** One delivery, before it is sent: everything that somebody could forge. */
export interface Parcel {
  method?: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

/** A delivery as Google makes it. */
export type GoodParcel = Parcel & { body: string };

export type Form = 'Standard Webhooks' | 'JWT';

export interface Content {
  readonly id?: string;
  readonly type?: string;
  readonly data?: object;
  /** Seconds to add to the time. */
  readonly skew?: number;
}

let count = 0;

const secondsOf = (clock: Clock, skew = 0): number => Math.floor(clock.now() / 1000) + skew;

/** Makes a delivery as Google does: a new one each time, unless it is given an id. */
export async function parcel(
  form: Form,
  clock: Clock,
  content: Content = {},
  claims?: Record<string, unknown>,
): Promise<GoodParcel> {
  const { id = `msg_${++count}`, type = 'interaction.completed', data = { id: 'a' }, skew } = content;
  const at = secondsOf(clock, skew);
  const body = JSON.stringify({ type, version: 'v1', timestamp: new Date(at * 1000).toISOString(), data });
  const signature =
    form === 'JWT'
      ? await token({ iat: at, exp: at + 300, aud: AUDIENCE, jti: id, ...claims })
      : signed(SECRET, id, at, body);
  return { headers: headersOf(id, at, signature), body };
}

export function headersOf(id: string, at: number, signature: string): Parcel['headers'] {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': signature,
  };
}

export function signed(secret: string, id: string, at: number, body: string): string {
  return new Webhook(secret).sign(id, new Date(at * 1000), body);
}

export function token(claims: JWTPayload, key = rsa.privateKey, kid = 'key-1'): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(key);
}

export function requestOf({ method = 'POST', headers, body }: Parcel): Request {
  const hasBody = method !== 'GET';
  return new Request(AUDIENCE, { method, headers, ...(hasBody && { body, duplex: 'half' }) });
}
