import { unlessAborted } from '../util/deferred.js';
import { resetError } from './sse.js';

type Handle = (request: Request) => Promise<Response>;

/** A `fetch` that asks a handler instead of the network, with undici's errors for what goes wrong on the way. */
export function fetchFrom(handle: Handle): typeof fetch {
  return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request && init === undefined ? input : new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    const response = await unlessAborted(handle(request), signal);
    if (response.type === 'error') throw new TypeError('fetch failed', { cause: resetError() });
    return new Response(response.body && networkBody(response.body, request), response);
  };
}

/** The body as it comes through a socket: it breaks when the signal aborts, and as `TypeError: terminated`. */
function networkBody(body: ReadableStream<Uint8Array>, request: Request): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await unlessAborted(reader.read(), request.signal);
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          const { signal } = request;
          controller.error(signal.aborted ? signal.reason : new TypeError('terminated', { cause: error }));
          await reader.cancel(error).catch(() => undefined);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** The part of msw's `http` that is used. */
export interface MswHttp<Handler> {
  all(path: string, resolver: (info: { request: Request }) => Promise<Response>): Handler;
}

/**
 * Handlers for Mock Service Worker: `setupServer(...mswHandlers(emulator, http))`.
 *
 * @param http msw's own namespace `http`, of msw 2 or 3
 * @param baseUrl the host to take over. @default 'https://generativelanguage.googleapis.com'
 */
export function mswHandlers<Handler>(
  emulator: { handle: Handle },
  http: MswHttp<Handler>,
  baseUrl = 'https://generativelanguage.googleapis.com',
): Handler[] {
  return [http.all(`${baseUrl.replace(/\/+$/, '')}/*`, ({ request }) => emulator.handle(request))];
}
