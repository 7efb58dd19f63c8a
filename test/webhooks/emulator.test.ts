import { describe, expect, it } from 'vitest';
import { receiver } from '../../src/webhooks.js';
import { cancelable, type CancelableImages } from '../../src/index.js';
import type { WebhookSettings } from '../../src/testing/index.js';
import { lighthouse, resolution, setup, type Setup } from '../support/setup.js';
import { OTHER_SECRET, SECRET } from './support.js';

const URI = 'https://example.com/webhook';
/** Signatures take real time, on machines that are busy much of it. */
const PATIENCE_MS = 180_000;
const webhook = { uris: [URI], userMetadata: { order: '7' } };

/** An emulator that calls a receiver in this process. */
async function connected(
  settings: WebhookSettings = {},
  emulator: object = {},
): Promise<Setup & { readonly bodies: string[] }> {
  const bodies: string[] = [];
  const send = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    bodies.push(init?.body as string);
    return handle(new Request(input, init));
  };
  const world = setup({ emulator: { batchQueueMs: 0, ...emulator, webhooks: { fetch: send, ...settings } } });
  const { handle } = receiver({
    images: world.images,
    secrets: [SECRET],
    jwks: await keysOf(world),
    audience: URI,
  });
  return { ...world, bodies };
}

async function keysOf({ emulator }: Setup): Promise<{ keys: object[] }> {
  const response = await emulator.fetch('https://generativelanguage.googleapis.com/.well-known/jwks.json');
  return (await response.json()) as { keys: object[] };
}

describe('the webhooks of the emulator', () => {
  it.each([
    ['token', webhook, {}],
    ['secret', undefined, { registered: [{ uri: URI, secrets: [OTHER_SECRET, SECRET] }], fullIds: true }],
  ] as const)('are taken by the receiver, signed with a %s', async (form, own, settings) => {
    const { clock, emulator, images } = await connected(settings);
    const options = own === undefined ? {} : { webhook: own };
    const operations = [
      images.start(lighthouse, options),
      images.startBatch([{ prompt: 'fog' }], { model: lighthouse.model, ...options }),
    ];
    await Promise.all(operations.map((operation) => resolution(clock, operation.result())));
    await clock.advance(1_000);
    expect(emulator.meter.deliveries).toMatchObject([
      { uri: URI, type: expect.any(String) as string, form, status: 200 },
      { uri: URI, type: expect.any(String) as string, form, status: 200 },
    ]);
  });

  it('tell of the end, with the metadata of the create', async () => {
    const { clock, images, bodies } = await connected(
      {},
      { faults: [{ kind: 'fail', message: 'Out of paint.', times: 1 }] },
    );
    const failed = images.start(lighthouse, { webhook });
    failed.result().catch(() => undefined);
    await resolution(clock, failed.submitted());
    const cancelled = images.start(lighthouse, { webhook });
    cancelled.result().catch(() => undefined);
    await resolution(clock, cancelled.submitted());
    await resolution(clock, cancelled.cancel());
    await clock.advance(10_000);
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { type: 'interaction.cancelled', version: 'v1', data: { user_metadata: { order: '7' } } },
      { type: 'interaction.failed', data: { error_code: 'api_error', error_message: 'Out of paint.' } },
    ]);
  });

  it('are sent again until they are taken, with the same id', async () => {
    let isDown = true;
    const times: number[] = [];
    const settings = {
      retryMs: [5_000, 60_000, 60_000],
      fetch: () => {
        times.push(clock.now());
        if (times.length === 1) throw new Error('It is down, and says so at once.');
        return isDown ? Promise.reject(new Error('It is down.')) : Promise.resolve(new Response());
      },
    };
    const { clock, emulator, images } = setup({ emulator: { webhooks: settings } });
    await resolution(clock, images.start(lighthouse, { webhook }).result());
    await clock.advance(10_000);
    isDown = false;
    await clock.advance(600_000);
    expect(times.map((at) => at - (times[0] ?? 0))).toEqual([0, 5_000, 65_000]);
    expect(new Set(emulator.meter.deliveries.map(({ id }) => id)).size).toBe(1);
    expect(emulator.meter.deliveries.map(({ status }) => status ?? 'none')).toEqual(['none', 'none', 200]);
  });
});

/** Counts what becomes of an operation. */
function tally(images: CancelableImages, count: number) {
  const settled: string[] = [];
  const operations = Array.from({ length: count }, (_, index) => {
    const options = index % 2 === 0 ? { webhook } : { webhook, limits: { pollMs: 500 } };
    const operation = images.start(lighthouse, options);
    operation.on('settled', ({ state }) => settled.push(`${operation.id} ${state}`));
    operation.result().catch(() => undefined);
    return operation;
  });
  return { settled, operations };
}

it(
  '200 operations settle once each under duplicates, reordering and polling',
  async () => {
    const { clock, emulator, images } = await connected({ duplicates: 2, shuffleMs: 3_000 });
    const { settled, operations } = tally(images, 200);
    await clock.advance(60_000);
    expect(new Set(settled).size).toBe(200);
    expect(settled).toHaveLength(200);
    expect(operations.filter(({ state }) => state !== 'succeeded')).toEqual([]);
    expect(emulator.meter.deliveries).toHaveLength(600);
    expect(emulator.meter.deliveries.filter(({ status }) => status !== 200)).toEqual([]);
    expect(emulator.meter.requestsTo('stream')).toHaveLength(0);
  },
  PATIENCE_MS,
);

it('one webhook serves more images than are made at a time: each job has the addresses, and each event starts another', async () => {
  const { clock, emulator, images } = await connected({}, { workMs: 30_000 });
  const operation = images.start({ ...lighthouse, config: { numberOfImages: 20 } }, { webhook });
  const { generatedImages } = await resolution(clock, operation.result());
  await clock.advance(1_000);
  expect(generatedImages).toHaveLength(20);
  const creates = emulator.meter.requestsTo('create');
  expect(creates.map(({ body }) => body)).toMatchObject(creates.map(() => ({ webhook_config: { uris: [URI] } })));
  expect(new Set(emulator.meter.deliveries.map(({ job }) => job)).size).toBe(20);
  // Rounds of 8 that take 30 s: no job waits for the next read of the library's own.
  const rounds = creates.map(({ at }) => Math.floor((at - (creates[0]?.at ?? 0)) / 30_000));
  expect([0, 1, 2].map((round) => rounds.filter((one) => one === round).length)).toEqual([8, 8, 4]);
});

it('a key server that is down is answered with 503, and its delivery is taken when it is back', async () => {
  const { clock, emulator, ai } = setup();
  const images = cancelable(ai, { clock, logger: { warn: () => undefined } });
  const real = globalThis.fetch;
  let isDown = true;
  globalThis.fetch = (input, init) =>
    isDown ? Promise.reject(new TypeError('fetch failed')) : emulator.fetch(input, init);
  try {
    const requests: Request[] = [];
    const { handle } = receiver({ images, jwks: 'https://keys.example.com/.well-known/jwks.json' });
    const sending = createSender(clock, (request) => requests.push(request));
    await sending;
    const [request] = requests;
    if (request === undefined) throw new Error('Nothing was sent.');
    expect((await handle(request.clone())).status).toBe(503);
    isDown = false;
    expect((await handle(request)).status).toBe(200);
  } finally {
    globalThis.fetch = real;
  }
});

/** Lets another emulator, which has the same keys, send one delivery. */
async function createSender(clock: Setup['clock'], take: (request: Request) => void): Promise<void> {
  const send = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    take(new Request(input, init));
    return Promise.resolve(new Response());
  };
  const sender = setup({ emulator: { clock, webhooks: { fetch: send } }, client: { clock } });
  await resolution(clock, sender.images.start(lighthouse, { webhook }).result());
  await clock.advance(1_000);
}
