import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GoogleGenAI } from '@google/genai';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { globalDispatcher, type Dispatcher } from '../../src/google/request-scope.js';
import { RequestObserver } from '../../src/google/transport.js';
import { trackConnections } from '../../src/node/connections.js';
import { warmFetch } from '../../src/node/warm-fetch.js';
import { leftOutOn } from '../support/runtime.js';

let server: Server;
let origin: string;

beforeEach(async () => {
  server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end('{"id":"a","status":"in_progress"}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

/** A dispatcher of an application, which asks somebody else first. */
class LateDispatcher implements Dispatcher {
  readonly #next: Dispatcher | undefined;

  constructor(next: Dispatcher | undefined) {
    this.#next = next;
  }

  dispatch(...asked: Parameters<Dispatcher['dispatch']>): boolean {
    setImmediate(() => this.#next?.dispatch(...asked));
    return true;
  }
}

/** Makes a request as a backend does, and notes what its caller is told, one word each. */
async function heard(fetch: typeof globalThis.fetch | undefined): Promise<string[]> {
  const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: origin, ...(fetch && { fetch }) } });
  const words: string[] = [];
  const add = (): (() => void) => {
    words.push('a socket');
    return () => void words.push('the end');
  };
  const note = (to: string, isWritten: boolean): void => {
    words.push(to === origin ? (isWritten ? 'written' : 'taken') : to);
  };
  const request = async (): Promise<unknown> => {
    const interactions = new RequestObserver().interactions(client);
    return interactions.get('a', {}, { maxRetries: 0 });
  };
  await trackConnections(request, add, note);
  return words;
}

const NO_CHANNELS = 'It has no channels of undici.';
const NODE_ONLY = leftOutOn({ Bun: NO_CHANNELS, Deno: NO_CHANNELS });
const EACH_ONCE = ['taken', 'written', 'a socket', 'the end'];

describe.each([
  ['the runtime', undefined],
  ['ours that keeps connections warm', warmFetch()],
  ['an application', fetch],
  [
    'an application that takes its time',
    async (input: string | URL | Request, init?: RequestInit) => {
      await nextTurn();
      return fetch(input, init);
    },
  ],
])('by the fetch of %s', (_, given) => {
  it('each caller is told of its own request, and of no other', NODE_ONLY, async () => {
    const others = [fetch(origin), fetch(origin)];
    const all = await Promise.all(Array.from({ length: 5 }, () => heard(given)));
    expect(all).toEqual(Array.from({ length: 5 }, () => EACH_ONCE));
    await Promise.all(others);
  });
});

it('a fetch of an application that gives nothing back is called once: the request may have been sent', async () => {
  const given = vi.fn<typeof fetch>();
  await heard(given).catch(() => undefined);
  expect(given).toHaveBeenCalledTimes(1);
});

it('so is one whose application has a dispatcher of its own, which takes its time', NODE_ONLY, async () => {
  await fetch(origin);
  const global = Symbol.for('undici.globalDispatcher.1');
  const builtIn = globalDispatcher();
  Object.assign(globalThis, { [global]: new LateDispatcher(builtIn) });
  try {
    const all = await Promise.all([heard(undefined), heard(undefined)]);
    expect(all).toEqual([EACH_ONCE, EACH_ONCE]);
  } finally {
    Object.assign(globalThis, { [global]: builtIn });
  }
});
