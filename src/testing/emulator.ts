import type { Bucket } from './storage.js';
import * as is from './check.js';
import { addFault } from './fault-book.js';
import type { Fault } from './faults.js';
import { fetchFrom } from './fetch.js';
import type { Meter } from './meter.js';
import { serve } from './serve.js';
import { settingsOf, type EmulatorOptions } from './settings.js';
import { World } from './world.js';

/** The address of an emulator's server. */
export interface ListenOptions {
  /** 0 takes a free one. @default 0 */
  port?: number;
  /** @default '127.0.0.1' */
  host?: string;
}

/** An emulator behind a real port. It keeps the process alive until it is closed. */
export interface EmulatorServer {
  /** `http://host:port`: the `httpOptions.baseUrl` of a client. */
  readonly url: string;
  readonly port: number;
  /** Sockets that are open now. */
  readonly connections: number;
  /** Requests that are not answered to the end yet, open streams among them. */
  readonly activeRequests: number;
  /** Stops listening and breaks what is open. Jobs go on: use `emulator.reset()` to drop them. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Google's image endpoints, emulated: jobs that queue, run, cost and can be cancelled, and everything that goes wrong. */
export interface Emulator {
  /** Answers a request; `Response.error()` stands for a connection that broke. Never rejects. */
  handle(request: Request): Promise<Response>;
  /**
   * `fetch` against this emulator, whatever the host of the address, for `httpOptions.fetch`. A broken connection
   * rejects with `TypeError('fetch failed')`, its cause having the code `ECONNRESET`; the signal is honoured.
   */
  readonly fetch: typeof fetch;
  /** Serves HTTP on a real port. Node only. */
  listen(options?: ListenOptions): Promise<EmulatorServer>;
  /** Adds a fault behind those there are; the function returned takes it out again. */
  addFault(fault: Fault): () => void;
  /** The Cloud Storage of batches on Vertex: their requests and their results. */
  readonly bucket: Bucket;
  /** The requests, and the cost of the jobs; always the same object, always up to date. */
  readonly meter: Meter;
  /** Resolves as soon as the predicate is true: it is asked now and after each change of the meter, not of the time. */
  waitFor(predicate: (meter: Meter) => boolean, options?: { signal?: AbortSignal }): Promise<Meter>;
  /** Drops all jobs, requests, added faults and objects of the bucket, and breaks what is open. */
  reset(): void;
}

type Listen = (handle: Emulator['handle'], options: ListenOptions) => Promise<EmulatorServer>;

export function buildEmulator(options: EmulatorOptions, listen: Listen): Emulator {
  const world = new World(settingsOf(options));
  const handle = (request: Request): Promise<Response> => serve(world, request);
  return {
    handle,
    fetch: fetchFrom(handle),
    listen: async (listenOptions = {}) => {
      is.verifyFields('option of listen()', listenOptions, { port: is.integer(0), host: is.text });
      return listen(handle, listenOptions);
    },
    addFault: (fault) => addFault(world, fault),
    bucket: world.bucket,
    meter: world.meter,
    waitFor: async (predicate, waitOptions = {}) => {
      is.verifyFields('option of waitFor()', waitOptions, { signal: is.object });
      return world.meter.waitFor(predicate, waitOptions.signal);
    },
    reset: () => world.reset(),
  };
}
