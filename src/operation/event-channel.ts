import { EventEmitter } from 'eventemitter3';
import { expectEventName, type EventListener, type OperationEvent, type OperationEvents } from '../api/events.js';
import type { Image } from '../api/images.js';
import { createDeferred, type Deferred } from '../util/deferred.js';

/** The events of one operation, to listeners and to iterators. What a listener throws is the application's, not ours. */
export class EventChannel {
  readonly #emitter = new EventEmitter();
  readonly #iterators = new Set<EventQueue>();
  readonly #audienceChanged: () => void;
  readonly #delivered: (image: Image) => void;
  #settled: (() => OperationEvent) | undefined;
  #isClosed = false;

  /** `delivered` is called for each image that a listener was called with, or that an iterator has yielded. */
  constructor(audienceChanged: () => void, delivered: (image: Image) => void) {
    this.#audienceChanged = audienceChanged;
    this.#delivered = delivered;
  }

  hasListeners(name?: keyof OperationEvents): boolean {
    if (this.#iterators.size > 0) return true;
    return name === undefined ? this.#emitter.eventNames().length > 0 : this.#emitter.listenerCount(name) > 0;
  }

  get hasIterators(): boolean {
    return this.#iterators.size > 0;
  }

  /** Returns how to take the listener off again. */
  on<Name extends keyof OperationEvents>(name: Name, listener: EventListener<Name>, once: boolean): () => void {
    expectEventName(name);
    this.#emitter[once ? 'once' : 'on'](name, listener);
    this.#audienceChanged();
    return () => this.off(name, listener);
  }

  off<Name extends keyof OperationEvents>(name: Name, listener?: EventListener<Name>): void {
    this.#emitter.off(name, listener);
    this.#audienceChanged();
  }

  emit<Name extends keyof OperationEvents>(name: Name, payload: OperationEvents[Name]): void {
    const event = { type: name, ...payload } as unknown as OperationEvent;
    const deliver = (): OperationEvent => {
      if (event.type === 'image') this.#delivered(event.image);
      return event;
    };
    for (const queue of this.#iterators) queue.push(deliver);
    if (name === 'settled') this.#settled = deliver;
    try {
      // Before it is called: a listener that throws has received the event, too.
      if (this.#emitter.listenerCount(name) > 0) deliver();
      this.#emitter.emit(name, payload);
    } catch (error) {
      // As the platform does with event listeners: it must neither stop the operation nor be swallowed.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const queue of this.#iterators) queue.end();
  }

  /** Iterates over the events from now on. After `settled` it begins with that. */
  iterate(signal: AbortSignal | undefined): AsyncIterableIterator<OperationEvent> {
    const queue = new EventQueue(signal, (ended) => {
      if (this.#iterators.delete(ended)) this.#audienceChanged();
    });
    if (this.#settled !== undefined) queue.push(this.#settled);
    if (this.#isClosed) queue.end();
    if (!queue.isEnded) {
      this.#iterators.add(queue);
      this.#audienceChanged();
    }
    return queue;
  }
}

type Asked = Deferred<IteratorResult<OperationEvent>>;

class EventQueue implements AsyncIterableIterator<OperationEvent> {
  /** Answers to calls of `next()` that are still to come. */
  readonly #answers: ((asked: Asked) => void)[] = [];
  readonly #asked: Asked[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: (ended: EventQueue) => void;
  isEnded = false;

  constructor(signal: AbortSignal | undefined, onEnd: (ended: EventQueue) => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener('abort', this.#abort);
  }

  /** `deliver` is called when a call of `next()` gets the event. */
  push(deliver: () => OperationEvent): void {
    if (this.isEnded) return;
    this.#answers.push(({ resolve }) => resolve({ done: false, value: deliver() }));
    this.#serve();
  }

  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#serve();
    this.#onEnd(this);
  }

  next(): Promise<IteratorResult<OperationEvent>> {
    const asked: Asked = createDeferred();
    this.#asked.push(asked);
    this.#serve();
    return asked.promise;
  }

  #serve(): void {
    while (this.#asked.length > 0 && (this.#answers.length > 0 || this.isEnded)) {
      const answer = this.#answers.shift() ?? (({ resolve }) => resolve({ done: true, value: undefined }));
      this.#asked.splice(0, 1).forEach(answer);
    }
  }

  /** Leaving the loop only unsubscribes. */
  return(): Promise<IteratorResult<OperationEvent>> {
    this.#answers.length = 0;
    this.end();
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #abort = (): void => {
    // It may be anything, and is passed on as it is.
    const fail = ({ reject }: Asked): void => reject(this.#signal?.reason as Error);
    this.#answers.length = 0;
    if (this.#asked.length === 0) this.#answers.push(fail);
    this.#asked.splice(0).forEach(fail);
    this.end();
  };
}
