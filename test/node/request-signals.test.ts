/** The traps of docs/servers.md: the signals that servers other than Node's own give to a request. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { signalFromRequest } from '../../src/http.js';
import { createDeferred } from '../../src/util/deferred.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { leftOut, leftOutOn, runtime } from '../support/runtime.js';

const elsewhere = 'They are servers for Node.';
const isOld = runtime.name === 'Node' && runtime.version.startsWith('20.');

type Handle = (request: Request) => Promise<Response>;

/** The parts in use of the servers that Bun and Deno have built in. */
interface Globals {
  readonly Bun: { serve(options: object): { readonly port: number; stop(closesAll: boolean): Promise<void> } };
  readonly Deno: {
    serve(options: object, handle: Handle): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
  };
}

/** Starts a server whose requests the test gets: that of the runtime, and under Node that of Hono. Gives its address. */
async function listen(handle: Handle, options = {}): Promise<string> {
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const { Bun, Deno } = globalThis as unknown as Globals;
  if (runtime.name === 'Bun') {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handle, ...options });
    onTestFinished(() => server.stop(true));
    return url(server.port);
  }
  if (runtime.name === 'Deno') {
    const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: () => undefined, ...options }, handle);
    onTestFinished(() => server.shutdown());
    return url(server.addr.port);
  }
  const server = await new Promise<ServerType>((resolve) => {
    const one: ServerType = serve({ fetch: handle, port: 0, hostname: '127.0.0.1' }, () => resolve(one));
  });
  onTestFinished(() => void server.close());
  return url((server.address() as AddressInfo).port);
}

/** Posts, leaves once the handler has got the signal, and resolves to what that signal's reason is. */
async function reasonAfterLeaving(signalOf: (request: Request) => Promise<AbortSignal>): Promise<unknown> {
  const controller = new AbortController();
  let answer: Promise<unknown> = Promise.resolve();
  const reason = await new Promise((resolve, reject) => {
    const handle = async (request: Request): Promise<Response> => {
      const signal = await signalOf(request);
      signal.addEventListener('abort', () => resolve(signal.reason));
      collectGarbage();
      controller.abort();
      await once(signal, 'abort');
      return new Response();
    };
    listen(handle).then((url) => {
      answer = fetch(url, { method: 'POST', body: '{"prompt":"a fox"}', signal: controller.signal }).catch(() => null);
    }, reject);
  });
  await answer;
  return reason;
}

/** Hono gives a text for a reason. */
const KIND = runtime.name === 'Node' ? 'string' : 'object';

describe('the server of this runtime, under Node that of Hono', () => {
  it('aborts the signal of a request', async () => {
    expect(await reasonAfterLeaving((request) => Promise.resolve(request.signal))).toBeTypeOf(KIND);
  });

  it('aborts it after the body was read', async () => {
    const reason = await reasonAfterLeaving(async (request) => {
      await request.json();
      return request.signal;
    });
    expect(reason).toBeTypeOf(KIND);
  });
});

test(
  'Deno also aborts it after an answer that was sent',
  leftOutOn({ Node: 'It is what Deno does.', Bun: 'It is what Deno does.' }),
  async () => {
    const { promise, resolve } = createDeferred<unknown>();
    const url = await listen(({ signal }) => {
      signal.addEventListener('abort', () => resolve(signal.reason));
      return Promise.resolve(new Response('all of it'));
    });
    expect(await (await fetch(url)).text()).toBe('all of it');
    expect(await promise).toBeInstanceOf(Error);
  },
);

test(
  'Bun aborts it when a request was silent for longer than idleTimeout',
  leftOutOn({ Node: 'It is what Bun does.', Deno: 'It is what Bun does.' }),
  async () => {
    const handle = async ({ signal }: Request): Promise<Response> => {
      await once(signal, 'abort');
      return new Response();
    };
    const url = await listen(handle, { idleTimeout: 1 });
    await expect(fetch(url)).rejects.toThrow('closed');
  },
);

test.each([
  ['new Request(request)', (request: Request) => new Request(request)],
  ['request.clone()', (request: Request) => request.clone()],
])(
  'the signal of %s goes deaf at a garbage collection',
  leftOut(isOld ? undefined : 'It was seen on Node 20.'),
  async (_, copy) => {
    const controller = new AbortController();
    const request = new Request('http://a', { signal: controller.signal });
    const heard: string[] = [];
    const listen = (name: string, { signal }: Request): void =>
      signal.addEventListener('abort', () => heard.push(name));
    listen('the copy', copy(request));
    listen('the request', request);
    // A round of the loop ends the life of what only this turn refers to.
    await new Promise(setImmediate);
    collectGarbage();
    controller.abort();
    expect(heard).toEqual(['the request']);
  },
);

test(
  "Fastify's request.signal aborts when the body was read",
  leftOutOn({ Bun: elsewhere, Deno: elsewhere }),
  async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    app.post('/', async (request, reply) => {
      const [own, ours] = [request.signal, signalFromRequest(request.raw, reply.raw)];
      if (!own.aborted) await once(own, 'abort');
      return { own: own.aborted, ours: ours.aborted };
    });
    const url = await app.listen({ port: 0 });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', body: '{"prompt":"a fox"}', headers });
    expect(await answer.json()).toEqual({ own: true, ours: false });
  },
);
