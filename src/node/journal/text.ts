import { expected } from '../../expected.js';

/** The most that a file may have, in bytes. Pictures are never in it: what is larger is not ours. */
export const MAX_BYTES = 16 * 2 ** 20;

/** @throws {TypeError | RangeError} for a text that could not be listed again. */
export function encodeText(text: unknown): Uint8Array {
  if (typeof text !== 'string' || text === '')
    throw new TypeError(expected('text', 'a string that is not empty', text));
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_BYTES) throw new RangeError(expected('text', `at most ${MAX_BYTES} bytes long`, text));
  return bytes;
}

/** `undefined` for what is not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
