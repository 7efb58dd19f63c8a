import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { cancelable, type CancelableImages, type Operation } from '../../src/node.js';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../src/testing/http/index.js';
import { freePorts, startNginx } from './nginx.js';
import { configurations, expectTable } from './tables.js';

const lighthouse = { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' };
/** The path of creates, of interactions and of batches. */
const CREATES = 'location ~ (/interactions|:batchGenerateContent)$';
const CANCELS = 'location ~ /cancel$';
/** The path of status streams, reads and cancels. */
const STATUS = 'location ~ /interactions/';
const PROXY = 'proxy_pass http://google; proxy_http_version 1.1; proxy_set_header Connection "";';

interface Scene {
  readonly ai: GoogleGenAI;
  readonly images: CancelableImages;
  readonly emulator: Emulator;
  /** The port at which nginx listens. */
  readonly port: number;
}

/** The connections of this process. */
const sockets = new Set<Socket>();
subscribe('net.client.socket', (message) => sockets.add((message as { socket: Socket }).socket));

/** One row of the table: what nginx does between the library and Google. */
interface Case {
  readonly name: string;
  /** Directives of `http {}`, of `server {}`, and of the location of all that has none. */
  readonly http?: string;
  readonly server?: string;
  readonly proxy?: string;
  /** A second way to the emulator. */
  readonly isTwofold?: boolean;
  readonly emulator?: EmulatorOptions;
  /** Does something, and tells what came of it. */
  readonly play: (scene: Scene) => Promise<string>;
}

async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'resolves';
  } catch (error) {
    const { code, report } = error as { code?: string; report?: { outcome: string } };
    return report === undefined ? `\`${String(code)}\`` : `\`${report.outcome}\``;
  }
}

async function generate({ images }: Scene): Promise<string> {
  const operation = images.start(lighthouse);
  const warnings: string[] = [];
  operation.on('warning', ({ code }) => warnings.push(code));
  const outcome = await outcomeOf(operation.result());
  return `${warnings.includes('waiting') ? 'waits, ' : ''}${outcome}`;
}

/** Resolves when the jobs of an operation run and are watched. */
async function running({ emulator }: Scene, operation: Operation): Promise<void> {
  await operation.submitted();
  await emulator.waitFor(({ requests }) =>
    requests.some(({ route, answeredAt }) => route === 'stream' && answeredAt !== undefined),
  );
}

/** Cancels what runs, once something else has happened. */
async function cancel(scene: Scene, event?: (scene: Scene) => Promise<unknown>): Promise<string> {
  const operation = scene.images.start(lighthouse);
  operation.result().catch(() => undefined);
  await running(scene, operation);
  await event?.(scene);
  const { outcome, leftovers } = await operation.cancel();
  return `\`${outcome}\`${leftovers.length > 0 ? ', names the job' : ''}`;
}

/** Resolves when nginx has cut a status stream. */
function streamCut({ emulator }: Scene): Promise<unknown> {
  return emulator.waitFor((meter) => meter.requestsTo('stream').some(({ clientLeftAt }) => clientLeftAt !== undefined));
}

/** Resolves when the library has lost a connection to nginx: one that rests, since its status stream goes on. */
function connectionClosed({ port }: Scene): Promise<unknown> {
  const open = [...sockets].filter(({ remotePort, closed }) => remotePort === port && !closed);
  return Promise.race(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
}

async function several(scene: Scene, count: number): Promise<string> {
  const outcomes: string[] = [];
  for (let turn = 0; turn < count; turn++) outcomes.push(await generate(scene));
  return outcomes.join('; ');
}

const slowCreate: EmulatorOptions = {
  workMs: 2_500,
  batchQueueMs: 0,
  faults: [
    { kind: 'delay', route: 'create', ms: 3_000, when: 'after' },
    { kind: 'delay', route: 'batch-create', ms: 3_000, when: 'after' },
  ],
};

async function plain({ ai, emulator }: Scene): Promise<string> {
  const controller = new AbortController();
  const config = { abortSignal: controller.signal };
  const answer = ai.models.generateContent({ model: lighthouse.model, contents: lighthouse.prompt, config });
  await emulator.waitFor(({ jobs }) => jobs.length > 0);
  controller.abort();
  return (await outcomeOf(answer)) === 'resolves' ? 'resolves' : 'rejects';
}

const limit = (status: number): string => `limit_req zone=requests; limit_req_status ${status}; ${PROXY}`;
const zone = (rate: string): string => `limit_req_zone $binary_remote_addr zone=requests:1m rate=${rate};`;

const CASES: readonly Case[] = [
  ...[502, 503, 504].map((status) => ({
    name: `answers a create with ${status}`,
    server: `${CREATES} { return ${status}; }`,
    play: generate,
  })),
  {
    name: 'has no way to Google (502)',
    proxy: 'proxy_pass http://127.0.0.1:1;',
    play: generate,
  },
  {
    name: '`proxy_read_timeout` strikes during a create (504)',
    proxy: 'proxy_read_timeout 1s;',
    emulator: slowCreate,
    play: generate,
  },
  {
    name: '`proxy_read_timeout` strikes during the create of a batch (504)',
    proxy: 'proxy_read_timeout 1s;',
    emulator: slowCreate,
    play: ({ images }) => outcomeOf(images.generateImages(lighthouse, { backend: 'batches', limits: { pollMs: 500 } })),
  },
  {
    name: '`proxy_read_timeout` strikes during a create, two servers in `upstream`',
    proxy: 'proxy_read_timeout 1s;',
    isTwofold: true,
    emulator: slowCreate,
    play: generate,
  },
  {
    name: 'the same with `proxy_next_upstream … non_idempotent`',
    proxy: 'proxy_read_timeout 1s; proxy_next_upstream error timeout non_idempotent;',
    isTwofold: true,
    emulator: slowCreate,
    play: generate,
  },
  {
    name: '`limit_req` refuses the second of two creates with 503',
    http: zone('1r/m'),
    server: `${CREATES} { ${limit(503)} }`,
    play: (scene) => several(scene, 2),
  },
  {
    name: '`limit_req` refuses the second of two creates with 429',
    http: zone('10r/m'),
    server: `${CREATES} { ${limit(429)} }`,
    play: (scene) => several(scene, 2),
  },
  {
    name: '`limit_req` refuses two of three cancels with 503',
    http: zone('1r/s'),
    server: `${CANCELS} { ${limit(503)} }`,
    emulator: { workMs: 30_000 },
    play: async ({ images }) => {
      const operation = images.start({ ...lighthouse, config: { numberOfImages: 3 } });
      operation.result().catch(() => undefined);
      await operation.submitted();
      const { outcome, jobs } = await operation.cancel();
      const requests = jobs.reduce((sum, { cancelRequests }) => sum + cancelRequests, 0);
      return `${requests > jobs.length ? 'asks again, ' : ''}\`${outcome}\``;
    },
  },
  {
    name: 'answers every cancel with 502',
    server: `${CANCELS} { return 502; }`,
    // Longer than the library waits for a confirmation.
    emulator: { workMs: 12_000 },
    play: (scene) => cancel(scene),
  },
  {
    name: '`proxy_read_timeout` cuts a silent status stream',
    server: `${STATUS} { proxy_read_timeout 1s; ${PROXY} }`,
    emulator: { workMs: 4_000 },
    play: generate,
  },
  {
    name: '`proxy_read_timeout` cuts a silent status stream, and you cancel',
    server: `${STATUS} { proxy_read_timeout 1s; ${PROXY} }`,
    emulator: { workMs: 30_000 },
    play: (scene) => cancel(scene, streamCut),
  },
  { name: '`proxy_buffering on`', proxy: 'proxy_buffering on;', play: generate },
  {
    name: '`proxy_buffering on`, and you cancel',
    proxy: 'proxy_buffering on;',
    emulator: { workMs: 30_000 },
    play: (scene) => cancel(scene),
  },
  { name: '`proxy_buffering off`', proxy: 'proxy_buffering off;', play: generate },
  {
    name: '`keepalive_timeout 1s` closes the kept connection before a cancel',
    server: 'keepalive_timeout 1s;',
    emulator: { workMs: 30_000 },
    play: (scene) => cancel(scene, connectionClosed),
  },
  {
    name: '`keepalive_requests 1` closes each connection after its answer',
    server: 'keepalive_requests 1;',
    emulator: { workMs: 30_000 },
    play: (scene) => cancel(scene),
  },
  { name: "the SDK's own abort, without this library", emulator: { workMs: 2_000 }, play: plain },
  {
    name: "the SDK's own abort, `proxy_ignore_client_abort on`",
    proxy: 'proxy_ignore_client_abort on;',
    emulator: { workMs: 2_000 },
    play: plain,
  },
];

const HEAD = ['nginx', 'the library', 'creates that reached Google', 'the meter'];

async function rowOf({
  name,
  http = '',
  server = '',
  proxy = '',
  isTwofold,
  emulator: options,
  play,
}: Case): Promise<string[]> {
  const emulator = createEmulator({ workMs: 1_500, ...options });
  const google = await emulator.listen();
  const second = await emulator.listen();
  const [port = 0] = await freePorts(1);
  const servers = [google, ...(isTwofold === true ? [second] : [])].map((one) => `server 127.0.0.1:${one.port};`);
  // A way that is not this upstream comes with the case.
  const pass = proxy.includes('proxy_pass') ? proxy : `${PROXY} ${proxy}`;
  const text = `${http}
    upstream google { ${servers.join(' ')} keepalive 16; }
    server { listen 127.0.0.1:${port}; ${server} location / { ${pass} } }`;
  const nginx = await startNginx(text);
  const ai = new GoogleGenAI({ apiKey: 'e2e', httpOptions: { baseUrl: `http://127.0.0.1:${port}` } });
  const images = cancelable(ai, { logger: { warn: () => undefined } });
  try {
    const outcome = await play({ ai, images, emulator, port });
    await emulator.waitFor((meter) => meter.running().length === 0);
    const { jobs } = emulator.meter;
    const creates = ['create', 'batch-create', 'generateContent'] as const;
    const count = creates.flatMap((route) => emulator.meter.requestsTo(route)).length;
    return [
      name,
      outcome,
      `${count}`,
      jobs.length === 0 ? 'no job' : jobs.map(({ endReason }) => endReason).join(', '),
    ];
  } finally {
    await images.close();
    await nginx.stop();
    await Promise.all([google.close(), second.close()]);
  }
}

it('the table of what stands between the library and Google', { timeout: 120_000 }, async () => {
  const rows = await Promise.all(CASES.map(rowOf));
  await expectTable('what stands between the library and Google', [HEAD, ...rows]);
});

describe('the configuration to copy', () => {
  it('makes an image, and cancels one', async () => {
    const emulator = createEmulator({ workMs: 1_500 });
    await using google = await emulator.listen();
    const [port = 0] = await freePorts(1);
    const text = (configurations()[1] ?? '')
      .replace('listen 8080;', `listen 127.0.0.1:${port};`)
      .replaceAll('https://generativelanguage.googleapis.com', google.url);
    expect(text).toContain(google.url);
    const nginx = await startNginx(text);
    const ai = new GoogleGenAI({ apiKey: 'e2e', httpOptions: { baseUrl: `http://127.0.0.1:${port}` } });
    await using images = cancelable(ai);
    const scene = { ai, images, emulator, port };
    try {
      expect(await generate(scene)).toBe('resolves');
      expect(await cancel(scene)).toBe('`cancelled`');
      expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['completed', 'cancelled']);
    } finally {
      await nginx.stop();
    }
  });
});
