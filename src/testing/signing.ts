import { hold } from './client.js';
import type { JsonObject } from './json.js';

const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const KEY_ID = 'emulator-1';

/** More than keys and signatures take. */
export const SIGNING_MS = 60_000;

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const url = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const part = (value: JsonObject): string => url(btoa(JSON.stringify(value)));

/** Signs as Standard Webhooks do. */
export async function hmac(secret: string, content: string): Promise<string> {
  const raw = bytesOf(atob(secret.replace(/^whsec_/, '')));
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return `v1,${base64(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(content)))}`;
}

export async function createToken(claims: JsonObject): Promise<string> {
  const { privateKey } = await keyPair();
  const content = `${part({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${part(claims)}`;
  return `${content}.${url(base64(await crypto.subtle.sign(RS256.name, privateKey, bytesOf(content))))}`;
}

/** Makes the JSON Web Key Set, as `.well-known/jwks.json` serves it. */
export async function keySet(): Promise<JsonObject> {
  const { publicKey } = await keyPair();
  const { kty, n, e } = await crypto.subtle.exportKey('jwk', publicKey);
  return { keys: [{ kty, n, e, kid: KEY_ID, alg: 'RS256', use: 'sig' }] };
}

const generate = () => {
  const parameters = { ...RS256, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  return hold(crypto.subtle.generateKey(parameters, true, ['sign', 'verify']), SIGNING_MS);
};

let made: ReturnType<typeof generate> | undefined;

/** Makes the keys when they are needed first. All emulators share them: it takes a while. */
const keyPair = (): ReturnType<typeof generate> => (made ??= generate());
