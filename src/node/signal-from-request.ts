import { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { Readable, type Duplex } from 'node:stream';
import { expected } from '../util/expected.js';

type HttpRequest = IncomingMessage | Http2ServerRequest;
type HttpResponse = ServerResponse | Http2ServerResponse;

/** The signals by response: a second call for a response adds no listener. */
const signals = new WeakMap<HttpResponse, AbortSignal>();

/** The responses that wait for each connection: it gets one listener, however many requests are pipelined on it. */
const waiting = new WeakMap<Duplex, Set<() => void>>();

/**
 * Makes a signal that aborts when the client has gone before `response.end()`, from the start if it had already gone, and when
 * you destroy an unfinished response. After `response.end()` it never aborts. Its reason is an `AbortError`.
 *
 * For servers of `node:http` and `node:http2`: in Express `signalFromRequest(req, res)`, in Koa `(ctx.req, ctx.res)`, in
 * Fastify `(request.raw, reply.raw)`. A web `Request` has a `signal` of its own.
 *
 * @example
 * const cancelSignal = signalFromRequest(request, response);
 * const { generatedImages } = await images.generateImages(parameters, { cancelSignal });
 *
 * @throws TypeError for anything but a request and a response of Node's servers
 */
export function signalFromRequest(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): AbortSignal {
  verify(request, response);
  const signal = signals.get(response) ?? watch(request, response);
  signals.set(response, signal);
  return signal;
}

/** Throws unless these are of Node. A request that a test injects has no class of Node, but its response belongs to it. */
function verify(request: unknown, response: unknown): void {
  if (!(response instanceof ServerResponse || response instanceof Http2ServerResponse)) {
    throw new TypeError(expected('response', "a response of Node's http or http2", response));
  }
  if (request instanceof IncomingMessage || request instanceof Http2ServerRequest) return;
  if (request instanceof Readable && response.req === request) return;
  throw new TypeError(expected('request', "a request of Node's http or http2", request));
}

function watch({ socket }: HttpRequest, response: HttpResponse): AbortSignal {
  const controller = new AbortController();
  const abort = (): void =>
    controller.abort(new DOMException('The connection was closed before the response had ended.', 'AbortError'));
  if (response.writableEnded) return controller.signal;
  if (response instanceof Http2ServerResponse) {
    // Only a stream that was not ended says this. A response without a body may end its stream before `response.end()`.
    if (response.stream.aborted) abort();
    else response.stream.once('aborted', abort);
  } else if (response.destroyed || socket.destroyed) abort();
  else listen(socket, response, abort);
  return controller.signal;
}

/** Calls back when the connection closes, or the response is destroyed, before it has ended. Takes its listeners off then. */
function listen(socket: Duplex, response: ServerResponse, abort: () => void): void {
  const finish = (): void => {
    stopWaiting();
    response.off('close', finish).off('newListener', look);
    if (!response.writableEnded) abort();
  };
  // A response whose turn has not come only waits for its socket when it is destroyed, and says nothing else.
  const look = (): void => {
    if (response.destroyed) finish();
  };
  const stopWaiting = waitFor(socket, finish);
  response.on('close', finish).on('newListener', look);
}

/** Calls back when a connection closes. Its response alone does not tell: it has no connection before its turn comes. */
function waitFor(socket: Duplex, finish: () => void): () => void {
  const callbacks = waiting.get(socket) ?? new Set();
  if (callbacks.size === 0) socket.on('close', tellAll);
  waiting.set(socket, callbacks.add(finish));
  return () => {
    callbacks.delete(finish);
    if (callbacks.size === 0) socket.off('close', tellAll);
  };
}

function tellAll(this: Duplex): void {
  for (const finish of [...(waiting.get(this) ?? [])]) finish();
}
