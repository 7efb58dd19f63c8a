/** The traps of docs/servers.md: the signals that servers other than Node's own give to a request. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { signalFromRequest } from '../../src/http.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { leftOut, leftOutOn, runtime } from '../support/runtime.js';

const elsewhere = 'They are servers for Node.';
const isOld = runtime.name === 'Node' && runtime.version.startsWith('20.');

/** A server on @hono/node-server, whose requests the test gets. */
async function listen(handle: (request: Request) => Promise<Response>): Promise<string> {
  const server = await new Promise<ServerType>((resolve) => {
    const one: ServerType = serve({ fetch: handle, port: 0, hostname: '127.0.0.1' }, () => resolve(one));
  });
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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

describe('Hono on Node', leftOutOn({ Bun: elsewhere, Deno: elsewhere }), () => {
  it('aborts the signal of a request, with a text for a reason', async () => {
    expect(await reasonAfterLeaving((request) => Promise.resolve(request.signal))).toBeTypeOf('string');
  });

  it('aborts it after the body was read', async () => {
    const reason = await reasonAfterLeaving(async (request) => {
      await request.json();
      return request.signal;
    });
    expect(reason).toBeTypeOf('string');
  });
});

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
