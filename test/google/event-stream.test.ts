import { GoogleGenAI } from '@google/genai';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvents } from '../../src/google/event-stream.js';

/** A body that arrives in pieces which end at these positions. */
function bodyOf(text: string, ...cuts: number[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const ends = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  return new ReadableStream({
    start(controller) {
      let from = 0;
      for (const end of [...ends, bytes.length]) {
        controller.enqueue(bytes.slice(from, end));
        from = end;
      }
      controller.close();
    },
  });
}

async function valuesOf(body: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const reader = readEvents(body).getReader();
  const values: unknown[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return values;
    values.push(value);
  }
}

/** The events that the SDK reads from the same body. */
async function valuesOfSdk(body: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const headers = { 'content-type': 'text/event-stream' };
  const fetchIt = (): Promise<Response> => Promise.resolve(new Response(body, { headers }));
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: fetchIt } });
  const values: unknown[] = [];
  for await (const value of await ai.interactions.get('an-id', { stream: true })) values.push(value);
  return values;
}

const created = '{"event_type":"interaction.created","event_id":"e1"}';
const umlauts = '{"text":"Füchse 🦊 im Nebel"}';

describe('readEvents()', () => {
  it('reads what the SDK reads, wherever the pieces of the body end', async () => {
    const line = fc.constantFrom(
      `data: ${created}`,
      `data:${umlauts}`,
      'data: no JSON',
      'data: 7',
      `data: {"a":\ndata: 1}`,
      'event: interaction.created',
      'id: 7',
      'retry: 100',
      'retry: soon',
      ': a comment',
      'other: field',
      'field',
    );
    const events = fc.array(fc.array(line, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    const end = fc.constantFrom('', 'data: cut', `data: ${created}\n`, 'data: [DONE]\n\ndata: 8\n\n');
    const cuts = fc.array(fc.nat(), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(events, end, cuts, fc.boolean(), async (given, last, at, isCrLf) => {
        const text = `${given.map((lines) => `${lines.join('\n')}\n\n`).join('')}${last}`;
        const sent = isCrLf ? text.replaceAll('\n', '\r\n') : text;
        expect(await valuesOf(bodyOf(sent, ...at))).toEqual(await valuesOfSdk(bodyOf(sent, ...at)));
      }),
      { numRuns: 300 },
    );
  });

  it('reads an event whose text is longer than a piece', async () => {
    const data = 'A'.repeat(300_000);
    const text = `data: ${JSON.stringify({ data })}\n\ndata: ${umlauts}\n\n`;
    const cuts = Array.from({ length: 60 }, (_, index) => index * 5_000);
    expect(await valuesOf(bodyOf(text, ...cuts))).toEqual([{ data }, JSON.parse(umlauts)]);
  });

  it('gives an event before the next one has arrived', async () => {
    let enqueue: ((text: string) => void) | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (enqueue = (text) => controller.enqueue(new TextEncoder().encode(text))),
    });
    const reader = readEvents(body).getReader();
    enqueue?.('data: 1\n\nda');
    expect(await reader.read()).toEqual({ done: false, value: 1 });
    const next = reader.read();
    enqueue?.('ta: 2\n\n');
    expect(await next).toEqual({ done: false, value: 2 });
  });

  it('fails when the body breaks, after the events that had arrived', async () => {
    const broken = new Error('The connection was reset.');
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(new TextEncoder().encode('data: 1\n\ndata: 2\n\n'));
        else controller.error(broken);
      },
    });
    const reader = readEvents(body).getReader();
    expect([await reader.read(), await reader.read()].map(({ value }) => value)).toEqual([1, 2]);
    await expect(reader.read()).rejects.toBe(broken);
  });

  it('closes the connection, also while it waits for an event', async () => {
    let isClosed = false;
    const body = new ReadableStream<Uint8Array>({ cancel: () => void (isClosed = true) });
    const reader = readEvents(body).getReader();
    const next = reader.read();
    await reader.cancel();
    expect(isClosed).toBe(true);
    expect(await next).toEqual({ done: true });
  });
});
