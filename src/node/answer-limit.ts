import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { GenAIClient } from '../backends/sdk.js';

const MIB = 2 ** 20;

/** The most bytes that an answer may have on the wire, a whole stream among them: an image in 4K is half of that at most. */
export const MAX_ANSWER_BYTES = 128 * MIB;

/** Of batches, whose images come all in one answer: as much as a string can hold. */
export const MAX_BATCH_BYTES = 512 * MIB;

/** See `connections.ts`: nothing else shows the sockets of `fetch`. */
const REQUEST_CREATED = 'undici:request:create';
const HEADERS_SENT = 'undici:client:sendHeaders';
const RESPONSE_ENDED = 'undici:request:trailers';

const limits = new AsyncLocalStorage<number>();
const limitOf = new WeakMap<object, number>();
const endOf = new WeakMap<object, () => void>();
let isSubscribed = false;

/**
 * The same client, whose connections break when an answer gets too long. The SDK takes an answer into memory before anybody
 * can look at it, and an event of a stream too, however long. Where `fetch` is not Node's own nothing is limited.
 */
export function limitAnswers(client: GenAIClient): GenAIClient {
  subscribeOnce();
  return Object.create(client, {
    interactions: { get: () => limited(client.interactions, MAX_ANSWER_BYTES) },
    models: { get: () => limited(client.models, MAX_ANSWER_BYTES) },
    batches: { get: () => limited(client.batches, MAX_BATCH_BYTES) },
  }) as GenAIClient;
}

function limited<T extends object>(module: T, bytes: number): T {
  return new Proxy(module, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const answer: unknown = limits.run(bytes, () => Reflect.apply(member, target, args) as unknown);
        return answer instanceof Promise ? answer.then((value: unknown) => withPages(value, bytes)) : answer;
      };
    },
  });
}

/** The other pages of a list are fetched by the first. */
function withPages(answer: unknown, bytes: number): unknown {
  const isPager = typeof answer === 'object' && answer !== null && 'nextPage' in answer;
  return isPager ? limited(answer, bytes) : answer;
}

function onRequestCreated(message: unknown): void {
  const { request } = message as { request: object };
  const bytes = limits.getStore();
  if (bytes !== undefined) limitOf.set(request, bytes);
}

function onHeadersSent(message: unknown): void {
  const { request, socket } = message as { request: object; socket: Socket };
  const bytes = limitOf.get(request);
  // To listen to a socket that nobody listens to in this way would change how it is read.
  if (bytes === undefined || socket.listenerCount('readable') === 0) return;
  const { bytesRead } = socket;
  const look = (): void => {
    if (socket.bytesRead - bytesRead <= bytes) return;
    end();
    socket.destroy(new Error(`The answer has more than ${bytes} bytes.`));
  };
  const end = (): void => {
    socket.off('readable', look);
    socket.off('close', end);
  };
  socket.on('readable', look);
  socket.on('close', end);
  endOf.set(request, end);
}

function onResponseEnded(message: unknown): void {
  const { request } = message as { request: object };
  endOf.get(request)?.();
  endOf.delete(request);
}

function subscribeOnce(): void {
  if (isSubscribed) return;
  isSubscribed = true;
  subscribe(REQUEST_CREATED, onRequestCreated);
  subscribe(HEADERS_SENT, onHeadersSent);
  subscribe(RESPONSE_ENDED, onResponseEnded);
}
