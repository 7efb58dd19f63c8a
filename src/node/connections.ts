import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Refable } from '../util/timers.js';

/**
 * `fetch` shows its sockets nowhere but on its diagnostics channels, and an open one keeps the process alive.
 * @see https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
const REQUEST_CREATED = 'undici:request:create';
const HEADERS_SENT = 'undici:client:sendHeaders';
const RESPONSE_ENDED = 'undici:request:trailers';

type AddConnection = (connection: Refable) => () => void;

const callers = new AsyncLocalStorage<AddConnection>();
const callerOf = new WeakMap<object, AddConnection>();
const endOf = new WeakMap<object, () => void>();
let isSubscribed = false;

/**
 * Makes a request and hands its socket to `add`, so that the caller decides whether it keeps the process alive. Where there
 * are no such channels, sockets keep it alive as ever.
 */
export function trackConnections<T>(request: () => T, add: AddConnection): T {
  subscribeOnce();
  return callers.run(add, request);
}

function onRequestCreated(message: unknown): void {
  const { request } = message as { request: object };
  const add = callers.getStore();
  if (add !== undefined) callerOf.set(request, add);
}

function onHeadersSent(message: unknown): void {
  const { request, socket } = message as { request: object; socket: Refable };
  const add = callerOf.get(request);
  if (add === undefined) return;
  const remove = add(socket);
  endOf.set(request, () => {
    remove();
    // Back as it was, before the connection is used for a request of somebody else's.
    socket.ref?.();
  });
}

/** Comes before the connection goes back to its pool, which unrefs the idle ones itself. */
function onResponseEnded(message: unknown): void {
  const { request } = message as { request: object };
  endOf.get(request)?.();
  endOf.delete(request);
}

/** For good: a stream's end comes long after the call that opened it. */
function subscribeOnce(): void {
  if (isSubscribed) return;
  isSubscribed = true;
  subscribe(REQUEST_CREATED, onRequestCreated);
  subscribe(HEADERS_SENT, onHeadersSent);
  subscribe(RESPONSE_ENDED, onResponseEnded);
}
