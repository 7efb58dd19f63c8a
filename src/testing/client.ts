import { createDeferred } from '../util/deferred.js';

/** The client of one request. It has left when its signal aborted, or when it dropped the stream. */
export class Client {
  readonly #request: Request;
  readonly #present: Set<Client>;
  readonly #callbacks = new Set<() => void>();
  left = false;

  /** `present` are the clients that wait for something, so that nothing is collected while they do. */
  constructor(request: Request, present: Set<Client>) {
    // The whole request is kept: undici's request.signal goes deaf once the Request itself is collected.
    this.#request = request;
    this.#present = present.add(this);
    request.signal.addEventListener('abort', this.leave);
  }

  /** Calls back once when the client leaves, at once if it has. */
  onLeave(callback: () => void): void {
    if (this.left) callback();
    else this.#callbacks.add(callback);
  }

  readonly leave = (): void => {
    if (this.left) return;
    this.left = true;
    const callbacks = [...this.#callbacks];
    this.release();
    for (const callback of callbacks) callback();
  };

  /** The exchange is over: whether the client leaves now no longer matters. */
  release(): void {
    this.#request.signal.removeEventListener('abort', this.leave);
    this.#callbacks.clear();
    this.#present.delete(this);
  }
}

const held = new Set<Promise<unknown>>();

/**
 * Holds virtual clocks until a promise settles that waits for real time, or for so many ms of real time. A client may have
 * stopped sending, and an endpoint may never answer: such a promise holds them for one second.
 */
export function hold<T>(promise: Promise<T>, mostMs = 1_000): Promise<T> {
  const { promise: over, resolve: release } = createDeferred<unknown>();
  const timer = setTimeout(release, mostMs);
  held.add(over);
  void over.then(() => {
    clearTimeout(timer);
    held.delete(over);
  });
  promise.then(release, release);
  return promise;
}

/** Waits for what holds virtual clocks. Returns whether there was anything. */
export const untilReleased = async (): Promise<boolean> => held.size > 0 && (await Promise.all(held)).length > 0;
