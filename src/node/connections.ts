import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { inTurn, type RequestScope } from '../google/request-scope.js';
import type { TrackConnection } from '../operation/job/context.js';
import type { Refable } from '../util/timers.js';
import { readTextIfThere } from './system-files.js';

/** The caller of one request: it is given the connection, and told when the request is taken and when it is written. */
class Caller implements RequestScope {
  readonly add: Parameters<TrackConnection>[1];
  readonly note: Parameters<TrackConnection>[2];

  constructor(add: Caller['add'], note: Caller['note']) {
    this.add = add;
    this.note = note;
  }

  run<T>(work: () => T): T {
    const before = inTurn.scope;
    inTurn.scope = this;
    try {
      return work();
    } finally {
      inTurn.scope = before;
    }
  }

  /** On Node 20 this makes each promise of the process slower from then on. */
  runAsync<T>(work: () => T): T {
    return callers.run(this, work);
  }
}

interface UndiciRequest {
  readonly origin?: string | URL | null;
  readonly method?: string;
}

const callers = new AsyncLocalStorage<Caller>();
const callerOf = new WeakMap<object, Caller>();
const endOf = new WeakMap<object, () => void>();
let isSubscribed = false;

/**
 * Makes a request and hands its socket to `add`. `fetch` shows its sockets nowhere but on its diagnostics channels. An open
 * one keeps the process alive: where there are no such channels, as ever.
 * @see https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
export const trackConnections: TrackConnection = (request, add, note) => {
  if (!isSubscribed) {
    // For good: a stream's end comes long after the call that opened it.
    isSubscribed = true;
    subscribe('undici:request:create', onRequestCreated);
    subscribe('undici:client:sendHeaders', onHeadersSent);
    subscribe('undici:request:trailers', onResponseEnded);
  }
  return new Caller(add, note).run(request);
};

function onRequestCreated(message: unknown): void {
  const { request } = message as { request: UndiciRequest };
  const caller = inTurn.scope instanceof Caller ? inTurn.scope : callers.getStore();
  // A proxy is asked for a tunnel first. That is no request to the API.
  if (caller === undefined || request.method === 'CONNECT') return;
  callerOf.set(request, caller);
  caller.note?.(originOf(request), false);
}

function onHeadersSent(message: unknown): void {
  const { request, socket } = message as { request: UndiciRequest; socket: Refable };
  const caller = callerOf.get(request);
  if (caller === undefined) return;
  caller.note?.(originOf(request), true);
  const remove = caller.add(socket);
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

function originOf({ origin }: UndiciRequest): string {
  return origin instanceof URL ? origin.origin : String(origin);
}

const DEFAULT_DESCRIPTORS = 1_024;
const MOST_STREAMS = 500;

/** Returns how many status streams the process may hold open. The most of its descriptors are left to cancel calls. */
export function maxStreams(): number {
  // Only Linux tells its limit without a native module.
  const limits = readTextIfThere('/proc/self/limits') ?? '';
  const [, limit = DEFAULT_DESCRIPTORS] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return Math.min(Math.floor(Number(limit) / 4), MOST_STREAMS);
}
