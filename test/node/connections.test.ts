import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GoogleGenAI } from '@google/genai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RequestObserver } from '../../src/google/transport.js';
import { trackConnections } from '../../src/node/connections.js';
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
