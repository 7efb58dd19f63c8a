import { once } from 'node:events';
import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { GoogleGenAI } from '@google/genai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cancelable, warmFetch } from '../../src/node.js';
import { createEmulator } from '../../src/testing/http/index.js';
import { lighthouse } from '../support/setup.js';

const servers: Server[] = [];

interface Wire {
  readonly url: string;
  /** All connections that were opened. */
  readonly sockets: Socket[];
  /** Each request with the number of its connection. */
  readonly requests: [method: string, path: string, connection: number][];
}

/** A server that notes which request came on which connection. */
async function listen(answer: RequestListener = (_, response) => response.end('{}')): Promise<Wire> {
  const sockets: Socket[] = [];
  const requests: Wire['requests'] = [];
  const server = http.createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    requests.push([request.method ?? '', request.url ?? '', sockets.indexOf(request.socket)]);
    answer(request, response);
  });
  server.on('connection', (socket: Socket) => void sockets.push(socket));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, requests };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Reads an answer to its end. A turn later its connection lies ready. */
async function textOf(answer: Promise<Response>): Promise<string> {
  const text = await (await answer).text();
  await nextTurn();
  return text;
}
const POST = { method: 'POST', body: '{}' };

function readerOf({ body }: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (body === null) throw new Error('There is no body.');
  return body.getReader();
}

describe('connections', () => {
  it('cancels on the connection that a create has left, and gives a create one that was never idle', async () => {
    const { url, sockets, requests } = await listen();
    const fetch = warmFetch();
    await textOf(fetch(`${url}/v1/interactions`, POST));
    await textOf(fetch(`${url}/v1/interactions/a/cancel`, POST));
    await textOf(fetch(`${url}/v1/interactions`, POST));
    await textOf(fetch(`${url}/v1/batches/b:cancel`, { method: 'POST' }));
    await textOf(fetch(`${url}/v1/interactions/a`));
    expect(requests.map(([method, , connection]) => [method, connection])).toEqual([
      ['POST', 0],
      ['POST', 0],
      ['POST', 1],
      ['POST', 1],
      ['GET', 1],
    ]);
    expect(sockets).toHaveLength(2);
  });

  it('takes no kept connection for a stream, and closes its own when it is left', async () => {
    const gone = vi.fn();
    const { url, requests } = await listen((request, response) => {
      if (request.method === 'POST') return response.end('{}');
      response.once('close', gone);
      return response.write('data: 1\n\n');
    });
    const fetch = warmFetch();
    await textOf(fetch(`${url}/v1/interactions`, POST));
    const aborted = new AbortController();
    const stream = new URL(`${url}/v1/interactions/a?stream=true`);
    const [aborting, leaving] = [
      readerOf(await fetch(stream, { signal: aborted.signal })),
      readerOf(await fetch(stream)),
    ];
    for (const reader of [aborting, leaving])
      expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('data: 1\n\n');
    const reason = { why: 'enough' };
    const read = aborting.read();
    aborted.abort(reason);
    await expect(read).rejects.toBe(reason);
    await leaving.cancel();
    await vi.waitFor(() => expect(gone).toHaveBeenCalledTimes(2));
    await textOf(fetch(`${url}/v1/interactions/a/cancel`, POST));
    expect(requests.map(([, , connection]) => connection)).toEqual([0, 1, 2, 0]);
  });

  it('keeps an idle connection for minutes, and lets the process end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
    const { url, sockets } = await listen();
    const refs = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = refs();
    await textOf(warmFetch()(url, POST));
    await nextTurn();
    await nextTurn();
    // What is left is the other side of it.
    expect(refs()).toBeLessThanOrEqual(before + 1);
    vi.advanceTimersByTime(235_000);
    await nextTurn();
    expect(sockets[0]?.readyState).toBe('open');
    const closed = sockets.map((socket) => once(socket, 'close'));
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    await Promise.all(closed);
  });

  it('sends a cancel again, and once, if the other side has just closed the connection', async () => {
    const { url, requests } = await listen((request, response) => {
      if (request.url === '/v1/interactions') return response.end('{}');
      return requests.length === 2 ? request.socket.destroy() : response.end('cancelled');
    });
    const fetch = warmFetch();
    await textOf(fetch(`${url}/v1/interactions`, POST));
    expect(await textOf(fetch(`${url}/v1/interactions/a/cancel`, POST))).toBe('cancelled');
    expect(requests.map(([, , connection]) => connection)).toEqual([0, 0, 1]);
  });

  it('sends a create once, whatever becomes of it', async () => {
    const { url, requests } = await listen((request) => void request.socket.destroy());
    const answer = warmFetch()(`${url}/v1/interactions`, POST);
    await expect(answer).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'UND_ERR_SOCKET' } });
    expect(requests).toHaveLength(1);
  });

  it('obeys the variables for proxies', async () => {
    const target = await listen((_, response) => response.end('direct'));
    const asked: string[] = [];
    const proxy = await listen();
    servers[1]?.on('connect', ({ url, headers }: IncomingMessage, socket: Socket) => {
      asked.push(`${String(url)} ${String(headers['proxy-authorization'])}`);
      if (headers['proxy-authorization'] === undefined) return socket.end('HTTP/1.1 407 No\r\n\r\n');
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const { hostname, port } = new URL(`http://${String(url)}`);
      return socket.pipe(net.connect(Number(port), hostname)).pipe(socket);
    });
    const { host } = new URL(target.url);
    const fetch = warmFetch();
    vi.stubEnv('http_proxy', proxy.url.replace('//', '//me:secret@'));
    expect(await textOf(fetch(target.url, POST))).toBe('direct');
    expect(await textOf(fetch(target.url))).toBe('direct');
    expect(asked).toEqual([`${host} Basic ${Buffer.from('me:secret').toString('base64')}`]);
    vi.stubEnv('NO_PROXY', 'example.com, 127.0.0.1');
    expect(await textOf(fetch(target.url, POST))).toBe('direct');
    expect(asked).toHaveLength(1);
    vi.stubEnv('NO_PROXY', '');
    vi.stubEnv('http_proxy', proxy.url);
    await expect(fetch(target.url, POST)).rejects.toMatchObject({
      cause: { message: /Proxy response \(407\) !== 200/ },
    });
  });

  it.each([
    ['before it answers', ''],
    ['after it has agreed', 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('fails if a proxy breaks the connection %s', async (_, answer) => {
    const proxy = await listen();
    servers[0]?.on('connect', (_request: IncomingMessage, socket: Socket) => {
      socket.write(answer, () => socket.resetAndDestroy());
    });
    vi.stubEnv('https_proxy', proxy.url);
    await expect(warmFetch()('https://example.com/', POST)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  });
});

describe('it is a fetch', () => {
  it('takes a Request, reads what is compressed, and tells the address', async () => {
    const { url } = await listen((request, response) => {
      response.writeHead(201, { 'content-encoding': 'gzip', 'set-cookie': ['a=1', 'b=2'] });
      void request.toArray().then((parts) => response.end(gzipSync(Buffer.concat(parts as Buffer[]))));
    });
    const request = new Request(`${url}/v1/files`, { method: 'PUT', body: 'bytes', headers: { 'x-a': '1' } });
    const answer = await warmFetch()(request);
    expect(answer).toMatchObject({ status: 201, ok: true, url: `${url}/v1/files` });
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await answer.text()).toBe('bytes');
  });

  it('follows a redirection, without credentials to another server', async () => {
    const other = await listen((request, response) => response.end(String(request.headers.authorization)));
    const { url } = await listen((_, response) => response.writeHead(302, { location: other.url }).end());
    const answer = warmFetch()(url, { ...POST, headers: { authorization: 'Bearer secret' } });
    expect(await textOf(answer)).toBe('undefined');
    expect(other.requests).toEqual([['GET', '/', 0]]);
    expect((await warmFetch()(url, { redirect: 'manual' })).status).toBe(302);
    await expect(warmFetch()(url, { redirect: 'error' })).rejects.toThrow('fetch failed');
  });

  it('ends with the reason of its signal at any time', async () => {
    const { url } = await listen((request, response) => {
      if (request.url === '/quick') response.end('{}');
    });
    const controller = new AbortController();
    const { signal } = controller;
    const fetch = warmFetch();
    await textOf(fetch(`${url}/quick`, { signal }));
    const answer = fetch(`${url}/slow`, { ...POST, signal });
    await nextTurn();
    controller.abort('why');
    await expect(answer).rejects.toBe('why');
    await expect(fetch(`${url}/quick`, { signal })).rejects.toBe('why');
  });

  it('says nothing more to a reader that has left, though more has arrived', async () => {
    const { url } = await listen((_, response) => response.end('x'.repeat(2_000_000)));
    for (let round = 0; round < 5; round++) {
      const reader = readerOf(await warmFetch()(url));
      await reader.read();
      // It reads on, and leaves before that is there.
      const more = reader.read();
      await reader.cancel();
      expect(await more).toMatchObject({ done: expect.any(Boolean) as boolean });
      await nextTurn();
    }
  });

  it('tells of an answer that breaks off', async () => {
    const { url } = await listen((request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('half', () => request.socket.destroy());
    });
    await expect(textOf(warmFetch()(url))).rejects.toMatchObject({ name: 'TypeError', message: 'terminated' });
  });
});

it('cancels an operation without a new connection', async () => {
  const emulator = createEmulator({ workMs: 600_000 });
  await using server = await emulator.listen();
  const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: server.url, fetch: warmFetch() } });
  const operation = cancelable(ai).start(lighthouse, { signals: false });
  operation.result().catch(() => undefined);
  await emulator.waitFor(({ openStreams }) => openStreams === 1);
  const before = server.connections;
  expect(before).toBe(2);
  let most = 0;
  const cancelled = operation.cancel();
  await emulator.waitFor(({ requests }) => {
    most = Math.max(most, server.connections);
    return requests.some(({ route }) => route === 'cancel');
  });
  expect(await cancelled).toMatchObject({ outcome: 'cancelled' });
  expect(most).toBe(2);
});
