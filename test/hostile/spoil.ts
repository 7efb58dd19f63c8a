import type { Body, Spoiling } from './arbitraries/answer.js';
import { editJson } from './edit.js';

const NO_BODY = [204, 205, 304];
const BOM = new Uint8Array([0xef, 0xbb, 0xbf]);

/** The answer that a hostile server gives in place of the true one. */
export async function spoil(truth: Response, { body, status, contentType, bom, headers }: Spoiling): Promise<Response> {
  const spoilt = new Headers(truth.headers);
  for (const [name, value] of Object.entries(headers)) spoilt.set(name, value);
  if (contentType !== undefined) spoilt.set('content-type', contentType);
  const code = status ?? truth.status;
  const bytes = NO_BODY.includes(code) ? null : bodyOf(body, await truth.text(), bom);
  return new Response(bytes, { status: code, headers: spoilt });
}

function bodyOf(body: Body, text: string, bom: boolean): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> {
  const bytes = bytesOf(body, text);
  const whole = bom ? concatenated(BOM, bytes) : bytes;
  if (body.kind !== 'cut') return whole as Uint8Array<ArrayBuffer>;
  const { how } = body;
  const kept = whole.slice(0, Math.floor(whole.length * body.part));
  let isFirst = true;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isFirst && kept.length > 0) {
        isFirst = false;
        controller.enqueue(kept);
      } else if (how === 'end') controller.close();
      else if (how === 'error') controller.error(new TypeError('terminated'));
      else return new Promise(() => undefined);
      return undefined;
    },
  });
}

function bytesOf(body: Body, text: string): Uint8Array {
  switch (body.kind) {
    case 'edited':
      return new TextEncoder().encode(isJson(text) ? editJson(text, body.edits) : text);
    case 'replaced':
      return new TextEncoder().encode(body.text);
    case 'binary':
      return body.bytes;
    default:
      return new TextEncoder().encode(text);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
