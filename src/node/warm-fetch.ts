import type { ClientRequest, IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { constants, createUnzip } from 'node:zlib';
import { warmFetch as runtimeFetch } from '../client/warm-fetch.js';
import { createAgents, type ConnectionUse } from './agents.js';
import { trackedRequest } from './connections.js';

/** Like the limit of Node's own `fetch`. Answers may take as long as they like. */
const CONNECT_MS = 10_000;

interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Buffer | undefined;
  readonly signal: AbortSignal | undefined;
}

type Begin = ReturnType<typeof createAgents>;

/**
 * The core's `warmFetch()`, for Node. Documented there. A request that starts something never gets a connection that was
 * idle: the other side may be closing it at this moment, and then it is in doubt whether the request was carried out.
 */
export function warmFetch(): typeof fetch {
  // They keep connections for minutes, and see to proxies.
  if ('Bun' in globalThis || 'Deno' in globalThis) return runtimeFetch();
  const begin = createAgents();
  return async (input, init) => {
    const isRequest = input instanceof Request;
    // A copy would follow the signal by a weak reference.
    const request = isRequest && init === undefined ? input : new Request(input, { ...init, signal: null });
    const signal = init?.signal ?? (isRequest ? input.signal : undefined);
    signal?.throwIfAborted();
    const { method, headers, redirect } = request;
    const url = new URL(request.url);
    if (!/^https?:$/.test(url.protocol) || redirect === 'error') return fetch(input, init);
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    if (!headers.has('accept')) headers.set('accept', '*/*');
    if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'gzip, deflate');
    const outgoing = { url, method, headers, body, signal };
    const answer = await send(begin, outgoing, useOf(outgoing));
    const next = redirect === 'follow' ? redirected(outgoing, answer) : undefined;
    if (next === undefined) return responseOf(answer, outgoing);
    answer.destroy();
    return fetch(...next);
  };
}

/** A request that may be repeated can go on a kept connection, which the other side may be closing at this moment. */
function useOf({ url, method }: Outgoing): ConnectionUse {
  if (method !== 'GET' && method !== 'HEAD' && !/[/:]cancel$/.test(url.pathname)) return 'fresh';
  return url.searchParams.get('stream') === 'true' ? 'stream' : 'kept';
}

function send(begin: Begin, outgoing: Outgoing, use: ConnectionUse): Promise<IncomingMessage> {
  const { url, method, headers, body, signal } = outgoing;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = begin(url, use, { method, headers: Object.fromEntries(headers) });
    const tracked = trackedRequest(url.origin);
    let answer: IncomingMessage | undefined;
    const abort = (): void => {
      reject(signal?.reason);
      (answer ?? request).destroy(new Error('aborted'));
    };
    const timer = setTimeout(() => request.destroy(new Error(`connect ETIMEDOUT ${url.host}`)), CONNECT_MS);
    signal?.addEventListener('abort', abort);
    request.once('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
    onWritten(request, url.protocol, (socket) => {
      clearTimeout(timer);
      tracked.written(socket);
    });
    request.once('response', (response) => {
      answer = response.once('end', () => tracked.ended());
      resolve(response);
    });
    request.on('error', (error) => {
      const isStale = request.reusedSocket && answer === undefined && signal?.aborted !== true;
      // The other side has closed the connection while it was idle.
      if (isStale) resolve(send(begin, outgoing, 'fresh'));
      else reject(failed(error));
    });
    request.end(body);
  });
}

/** Calls back when the connection takes the request, which waits until the server has shown its certificate. */
function onWritten(
  request: ClientRequest,
  protocol: string,
  written: (socket: NonNullable<ClientRequest['socket']>) => void,
) {
  request.once('socket', (socket) => {
    if (request.reusedSocket || (protocol === 'http:' && !socket.connecting)) written(socket);
    else socket.once(protocol === 'http:' ? 'connect' : 'secureConnect', () => written(socket));
  });
}

/** Returns the request that a redirection asks for, without the credentials where it leads to another server. */
function redirected(outgoing: Outgoing, { statusCode = 0, headers }: IncomingMessage): [URL, RequestInit] | undefined {
  const { url, method, body = null, signal = null } = outgoing;
  if (headers.location === undefined || ![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const next = new URL(headers.location, url);
  const isGet = method === 'POST' ? statusCode <= 303 : statusCode === 303 && method !== 'HEAD';
  const kept = new Headers(outgoing.headers);
  const dropped = next.origin === url.origin ? [] : ['authorization', 'proxy-authorization', 'cookie', 'host'];
  for (const name of isGet ? [...dropped, 'content-type', 'content-length'] : dropped) kept.delete(name);
  return [next, { method: isGet ? 'GET' : method, headers: kept, body: isGet ? null : body, signal }];
}

const failed = (cause: unknown): TypeError => new TypeError('fetch failed', { cause });

function responseOf(answer: IncomingMessage, { url, method, signal }: Outgoing): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = answer;
  try {
    const headers = new Headers();
    for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
    const isEmpty = method === 'HEAD' || [204, 205, 304].includes(status);
    const body = isEmpty ? null : bodyOf(decoded(answer, headers.get('content-encoding')), signal);
    if (isEmpty) answer.resume();
    return Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: url.href });
  } catch (error) {
    answer.destroy();
    throw failed(error);
  }
}

function decoded(answer: IncomingMessage, encoding: string | null): Readable {
  const flush = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
  return encoding === 'gzip' || encoding === 'deflate' ? pipeline(answer, createUnzip(flush), () => undefined) : answer;
}

/** Passes the bytes on as they arrive. A cancel closes the connection. */
function bodyOf(source: Readable, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  // What is buffered comes also after the source was destroyed.
  let isOpen = true;
  const close = (end: () => void): void => {
    if (isOpen) end();
    isOpen = false;
  };
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    source.on('data', (chunk: Uint8Array) => {
      if (isOpen) controller.enqueue(chunk);
      if ((controller.desiredSize ?? 0) <= 0) source.pause();
    });
    source.once('end', () => close(() => controller.close()));
    source.on('error', (cause) => {
      const isAborted = signal?.aborted === true;
      close(() => controller.error(isAborted ? signal.reason : new TypeError('terminated', { cause })));
    });
  };
  const pull = (): void => void source.resume();
  const cancel = (): void => close(() => source.destroy());
  return new ReadableStream({ start, pull, cancel }, { highWaterMark: 65_536, size: ({ byteLength }) => byteLength });
}
