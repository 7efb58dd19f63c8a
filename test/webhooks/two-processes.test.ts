import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { GoogleGenAI } from '@google/genai';
import { expect, it, onTestFinished } from 'vitest';
import { cancelable, readJournal, redisJournal, type Operation } from '../../src/node.js';
import { createEmulator } from '../../src/testing/http/index.js';
import { receiver } from '../../src/webhooks.js';
import { connectIoredis } from '../stores/redis-clients.js';
import { describeWith, uniqueName } from '../stores/servers.js';

const COUNT = 200;
const OWNER = fileURLToPath(new URL('owner.mjs', import.meta.url));

/** Serves a web handler on a port. */
async function listen(handle: (request: Request) => Promise<Response>): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const headers = incoming.headers as Record<string, string>;
      const request = new Request('http://localhost/', { method: 'POST', headers, body: await buffer(incoming) });
      outgoing.writeHead((await handle(request)).status).end();
    })();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describeWith('Redis', 'a receiver in a second process', (redisUrl) => {
  it(`settles ${COUNT} operations once each, as the process that polls them does`, async () => {
    const prefix = uniqueName();
    const webhooks = { duplicates: 2, shuffleMs: 2_000, retryMs: Array.from({ length: 60 }, () => 1_000) };
    const emulator = createEmulator({ workMs: 3_000, webhooks });
    const server = await emulator.listen();
    onTestFinished(() => server.close());
    const { client, close } = await connectIoredis(redisUrl);
    onTestFinished(close);
    const journal = redisJournal(client, { prefix, leaseMs: 60_000 });
    const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { baseUrl: server.url } });
    const images = cancelable(ai, { journal, logger: { warn: () => undefined } });
    const settled: string[] = [];
    const found: Operation[] = [];
    const { handle } = receiver({
      images,
      jwks: `${server.url}/.well-known/jwks.json`,
      onOperation: (operation) => {
        found.push(operation);
        operation.on('settled', ({ state }) => settled.push(`${operation.id} ${state}`));
      },
    });
    const uris = [await listen(handle)];
    const owner = fork(OWNER, [JSON.stringify({ redisUrl, prefix, baseUrl: server.url, uris, count: COUNT })], {
      execArgv: [],
    });
    onTestFinished(() => void owner.kill());
    // Until half of the events are here, neither process can read: both poll when the others come.
    const unreadable = emulator.addFault({ kind: 'status', status: 503, route: 'get' });
    const taken = (count: number) =>
      emulator.waitFor(({ deliveries }) => deliveries.filter(({ status }) => status === 200).length >= count);
    await taken(1.5 * COUNT);
    unreadable();
    await once(owner, 'message');
    await taken(3 * COUNT);
    await Promise.all(found.map((operation) => operation.result()));
    owner.send('report');
    const [report] = (await once(owner, 'message')) as [{ settled: { id: string; state: string }[] }];
    expect(report.settled).toHaveLength(COUNT);
    expect(new Set(report.settled.map(({ id }) => id)).size).toBe(COUNT);
    expect(report.settled.filter(({ state }) => state !== 'succeeded')).toEqual([]);
    // Some may have ended there before their event came here: their records were gone.
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    expect(settled.filter((line) => !line.endsWith(' succeeded'))).toEqual([]);
    expect(settled).toHaveLength(found.length);
    expect(found.length).toBeGreaterThan(0);
    expect(emulator.meter.jobs).toHaveLength(COUNT);
    expect((await readJournal(journal)).operations).toEqual([]);
  }, 180_000);
});
