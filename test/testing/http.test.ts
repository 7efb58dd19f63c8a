import { GoogleGenAI } from '@google/genai';
import { createServer, get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createEmulator, type EmulatorOptions } from '../../src/testing/http/index.js';
import { leftOutOn, runtime } from '../support/runtime.js';
import { CREATE, eventsOf, NO_RETRY, requests } from './helpers.js';

/** How the `fetch` of a runtime tells that there is no server, that it hung up, and that it did so within a body. */
const WORDS = {
  Node: { refused: 'fetch failed', reset: 'fetch failed', broken: 'terminated' },
  Bun: { refused: 'Unable to connect', reset: /^ECONNRESET/, broken: 'ECONNRESET' },
  Deno: { refused: 'fetch failed', reset: 'fetch failed', broken: 'error reading a body' },
  Chromium: { refused: '', reset: '', broken: '' },
}[runtime.name];

async function serve(options: EmulatorOptions = {}) {
  const emulator = createEmulator({ queueMs: 0, workMs: 60_000, ...options });
  const server = await emulator.listen();
  const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: server.url } });
  return {
    emulator,
    server,
    ai,
    ...requests({ fetch }, `${server.url}/v1beta`),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      emulator.reset();
    },
  };
}

test('the SDK over a real socket, from create to image', async () => {
  await using parts = await serve({ workMs: 5 });
  const { ai, emulator, server } = parts;
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  const { id } = await ai.interactions.create(CREATE, NO_RETRY);
  const types: string[] = [];
  for await (const event of await ai.interactions.get(id, { stream: true }, NO_RETRY)) types.push(event.event_type);
  expect(types).toHaveLength(9);
  expect((await ai.interactions.get(id, {}, NO_RETRY)).output_image?.data).toBeTypeOf('string');
  await ai.interactions.delete(id, {}, NO_RETRY);
  expect(emulator.meter.requests.map(({ route }) => route)).toEqual(['create', 'stream', 'get', 'delete']);
});

test('the first events of a stream are there at once', async () => {
  await using parts = await serve();
  const { id } = await parts.create();
  const stream = await parts.openStream(id);
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toContain('interaction.created');
  expect(parts.server.activeRequests).toBe(1);
  expect(parts.emulator.meter.openStreams).toBe(1);
});

test('the head of a silent stream is there at once', async () => {
  await using parts = await serve({ faults: [{ kind: 'silent' }] });
  const { id } = await parts.create();
  expect((await parts.openStream(id)).headers.get('content-type')).toBe('text/event-stream');
});

describe('a client that leaves is noticed', () => {
  test('waiting for a synchronous answer; the job goes on', async () => {
    await using parts = await serve();
    const { emulator, server } = parts;
    const controller = new AbortController();
    const body = { model: CREATE.model, input: CREATE.input };
    const answer = expect(parts.send('POST', '/interactions', body, { signal: controller.signal })).rejects.toThrow();
    await emulator.waitFor((meter) => meter.jobs.length === 1);
    expect(server.activeRequests).toBe(1);
    controller.abort();
    await answer;
    const { jobs } = await emulator.waitFor((meter) => meter.requests[0]?.clientLeftAt !== undefined);
    expect(jobs[0]).toMatchObject({ status: 'in_progress', clientGoneAt: expect.any(Number) as number });
  });

  test('reading a stream, through the SDK', async () => {
    await using parts = await serve();
    const { id } = await parts.create();
    const reader = (await parts.ai.interactions.get(id, { stream: true }, NO_RETRY)).getReader();
    await reader.read();
    await reader.cancel();
    await parts.emulator.waitFor((meter) => meter.openStreams === 0);
    expect(parts.emulator.meter.requestsTo('stream')[0]?.clientLeftAt).toBeDefined();
    expect(parts.emulator.meter.running()).toHaveLength(1);
  });

  test('but not one that has its answer', async () => {
    await using parts = await serve();
    const { id } = await parts.create();
    await parts.get(id);
    await parts.server.close();
    expect(parts.emulator.meter.requests.map(({ clientLeftAt }) => clientLeftAt)).toEqual([undefined, undefined]);
  });
});

describe('faults on the wire', () => {
  test('reset', async () => {
    await using parts = await serve({ faults: [{ kind: 'reset', when: 'after' }] });
    const error: unknown = await parts.create().catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'TypeError', message: expect.stringMatching(WORDS.reset) as string });
    // Deno keeps the reason to itself.
    const { code } = (error as { cause?: { code?: string } }).cause ?? (error as { code?: string });
    if (runtime.name !== 'Deno') expect(code).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(parts.emulator.meter.jobs).toHaveLength(1);
  });

  const dropped = leftOutOn({ Bun: 'Its fetch throws away what it has read when a connection breaks.' });
  test('reset in the middle of a stream, after what came before', dropped, async () => {
    await using parts = await serve({ faults: [{ kind: 'cut', afterEvents: 2, how: 'reset' }] });
    const { id } = await parts.create();
    const stream = await parts.openStream(id);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const error: unknown = await (async () => {
      for (;;) text += (await reader?.read())?.value ?? '';
    })().catch((error: unknown) => error);
    expect(text).toMatch(/interaction\.created[^]*interaction\.status_update/);
    expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining(WORDS.broken) as string });
  });

  test('a body that is cut, by its end and by a reset', async () => {
    await using parts = await serve({
      faults: [{ kind: 'cut-body', how: 'end', times: 1 }, { kind: 'cut-body' }],
    });
    await expect(parts.create()).rejects.toThrow(SyntaxError);
    await expect(parts.create()).rejects.toThrow(WORDS.broken);
    expect(parts.emulator.meter.jobs).toHaveLength(2);
  });

  test('cut', async () => {
    await using parts = await serve({ faults: [{ kind: 'cut', afterEvents: 1, how: 'end' }] });
    const { id } = await parts.create();
    expect(await eventsOf(await parts.openStream(id))).toHaveLength(1);
  });

  test('hang', async () => {
    await using parts = await serve({ faults: [{ kind: 'hang' }] });
    const controller = new AbortController();
    const answer = expect(
      parts.send('GET', '/interactions/x', undefined, { signal: controller.signal }),
    ).rejects.toThrow();
    await parts.emulator.waitFor((meter) => meter.requests.length === 1);
    controller.abort();
    await answer;
    await parts.emulator.waitFor((meter) => meter.requests[0]?.clientLeftAt !== undefined);
  });
});

describe('close', () => {
  test('breaks what is open', async () => {
    await using parts = await serve();
    const { server, emulator } = parts;
    const { id } = await parts.create();
    const text = expect((await parts.openStream(id)).text()).rejects.toThrow(WORDS.broken);
    expect(server.connections).toBeGreaterThan(0);
    await server.close();
    await text;
    expect(server.connections).toBe(0);
    await emulator.waitFor((meter) => meter.openStreams === 0);
    await expect(fetch(server.url)).rejects.toThrow(WORDS.refused);
  });

  test('twice is fine', async () => {
    await using parts = await serve();
    await parts.server.close();
    await parts.server.close();
  });
});

test('a port that is taken rejects', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(createEmulator().listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});

test('an answer is whole for clients other than fetch', async () => {
  await using parts = await serve({ workMs: 1 });
  const { id } = await parts.create();
  await parts.emulator.waitFor((meter) => meter.running().length === 0);
  const url = `${parts.server.url}/v1beta/interactions/${id}?key=k`;
  const incoming = await new Promise<IncomingMessage>((resolve) => httpGet(url, resolve));
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ id, status: 'completed' });
});

test('a request that breaks off is no request', async () => {
  await using parts = await serve();
  const controller = new AbortController();
  const body = new ReadableStream({
    start: (stream) => stream.enqueue(new TextEncoder().encode('{"model":')),
  });
  const init = { signal: controller.signal, body, duplex: 'half' } as RequestInit;
  const answer = expect(parts.send('POST', '/interactions', undefined, init)).rejects.toThrow();
  while (parts.server.activeRequests === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await answer;
  while (parts.server.activeRequests > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(parts.emulator.meter.requests).toEqual([]);
});
