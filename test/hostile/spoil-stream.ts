import type { Clock } from '../../src/testing/index.js';
import type { FalseEvents, Reshaping } from './arbitraries/stream.js';

const encoder = new TextEncoder();

/** The true events of a stream in other bytes. */
export function reshaped(truth: Response, how: Reshaping): Response {
  let isFirst = true;
  const { body } = truth;
  if (body === null) return truth;
  const shaped = body
    .pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          const text = frameText(new TextDecoder().decode(bytes), how);
          controller.enqueue(encoder.encode(isFirst && how.bom ? `\ufeff${text}` : text));
          isFirst = false;
        },
      }),
    )
    .pipeThrough(cutInto(how.pieces));
  return new Response(shaped, { headers: truth.headers });
}

function frameText(frame: string, { lineEnd, before, manyLines }: Reshaping): string {
  const extras = before.map((extra) => extraFrames[extra]).join('');
  const shaped = manyLines ? frame.replace(/^data: (\{.*)$/m, (_, json: string) => asManyLines(json)) : frame;
  return `${extras}${shaped}`.replaceAll('\n', lineEnd);
}

/** JSON may have a line break between any two of its parts. */
function asManyLines(json: string): string {
  return JSON.stringify(JSON.parse(json), undefined, 1)
    .split('\n')
    .map((line) => `data: ${line}`)
    .join('\n');
}

const extraFrames = {
  comment: ': ping – still here\n\n',
  empty: '\n\n',
  unknown: 'event: news\ndata: {"event_type":"interaction.pondered","deep":[{"__proto__":{"polluted":true}}]}\n\n',
  retry: 'retry: 5\n\n',
  nameless: 'data: {"a":"ü€😀"}\n\n',
} as const;

/** The pieces know nothing of characters and lines. */
function cutInto(pieces: readonly number[]): TransformStream<Uint8Array, Uint8Array> {
  let turn = 0;
  return new TransformStream({
    transform(bytes, controller) {
      for (let start = 0; start < bytes.length;) {
        const length = pieces[turn++ % pieces.length] ?? 1;
        controller.enqueue(bytes.slice(start, start + length));
        start += length;
      }
    },
  });
}

const headers = { 'content-type': 'text/event-stream' };

/** A stream of events that are not so. */
export function streamOf({ frames, ending }: FalseEvents): Response {
  const left = [...frames];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const frame = left.shift();
        if (frame !== undefined) controller.enqueue(encoder.encode(frame));
        else if (ending === 'end') controller.close();
        else if (ending === 'error') controller.error(new TypeError('terminated'));
        else return new Promise(() => undefined);
        return undefined;
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}

let pieces = 0;

/** An event that nobody has documented, again and again, so many ms apart. */
export function endlessOn(clock: Clock, everyMs: number): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, everyMs));
        controller.enqueue(encoder.encode(`data: {"event_type":"interaction.pondered","event_id":"${pieces++}"}\n\n`));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}

/** A stream without an end. As from a socket, only so much comes in one turn of the event loop. */
export function endless(piece: string, perTurn: number): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await new Promise((resolve) => setImmediate(resolve));
        const text = Array.from({ length: perTurn }, () => piece.replaceAll('#', String(pieces++))).join('');
        controller.enqueue(encoder.encode(text));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers });
}
