import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { cancelable, memoryJournal, type Operation, type OperationOptions } from '../../src/index.js';
import { receiver, type ReceiverOptions } from '../../src/webhooks.js';
import { crash } from '../support/crash.js';
import { createMachine, LEASE_MS, type Machine, type TestProcess } from '../support/machine.js';
import { lighthouse, resolution, setup } from '../support/setup.js';
import { parcel, requestOf, SECRET, type Content } from './support.js';

const LONG_MS = 3_600_000;
const webhook = { uris: ['https://example.com/webhook'] };

/** Sends events that are signed, whether they are true or not. */
function sender(machine: Pick<Machine, 'clock'>, options: Pick<ReceiverOptions, 'images'> & Partial<ReceiverOptions>) {
  const { handle } = receiver({ secrets: [SECRET], ...options });
  return async (content: Content): Promise<number> => {
    const { status } = await handle(requestOf(await parcel('Standard Webhooks', machine.clock, content)));
    await machine.clock.advance(1);
    return status;
  };
}

/** A client like those of other processes. */
const clientOf = (fetch: typeof globalThis.fetch, baseUrl?: string): GoogleGenAI =>
  new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch, ...(baseUrl && { baseUrl }) } });

async function running(
  { clock }: Pick<Machine, 'clock'>,
  { images }: Pick<TestProcess, 'images'>,
  options: OperationOptions = {},
) {
  const operation = images.start(lighthouse, options);
  operation.result().catch(() => undefined);
  await resolution(clock, operation.submitted());
  await clock.advance(10_000);
  return { operation, name: operation.jobs[0]?.name ?? '' };
}

describe('an event about an operation in flight', () => {
  it.each(['interactions', 'batches'] as const)('settles one of %s at once', async (backend) => {
    const { clock, emulator, images } = setup({ emulator: { workMs: 300_000, batchQueueMs: 0 } });
    const send = sender({ clock }, { images });
    const { operation, name } = await running({ clock }, { images }, { backend, webhook });
    await clock.advanceUntil(() => emulator.meter.running().length === 0);
    expect(operation.state).toBe('running');
    const type = backend === 'batches' ? 'batch.succeeded' : 'interaction.completed';
    expect(await send({ type, data: { id: name.replace(/^\w+\//, '') } })).toBe(200);
    expect(operation.state).toBe('succeeded');
  });

  it.each([
    ['with a webhook', { webhook }],
    ['that is streamed', {}],
    ['that is polled', { limits: { pollMs: 60_000 } }],
  ] as const)('that lies changes nothing of one %s, and is read for once', async (_, options) => {
    const isPolled = 'limits' in options;
    const faults = isPolled ? [{ kind: 'status', status: 404, route: 'stream' } as const] : [];
    const { clock, emulator, images } = setup({ emulator: { workMs: LONG_MS, faults } });
    const send = sender({ clock }, { images });
    const { operation, name } = await running({ clock }, { images }, options);
    const before = emulator.meter.requests.length;
    for (const type of ['completed', 'failed', 'cancelled', 'requires_action'])
      expect(await send({ type: `interaction.${type}`, data: { id: name } })).toBe(200);
    expect(operation.state).toBe('running');
    expect(emulator.meter.requests.slice(before).map(({ route }) => route)).toEqual(['get', 'get', 'get', 'get']);
    // The truth counts: the server says that it was cancelled, not completed.
    await resolution(clock, cancelable(clientOf(emulator.fetch), { clock }).cancel(name));
    await send({ data: { id: name } });
    expect([operation.state, operation.jobs[0]?.state]).toEqual(['failed', 'cancelled']);
  });

  it('that comes while a read is under way makes one more read, and so do ten of them', async () => {
    const { clock, emulator, images } = setup({ emulator: { workMs: LONG_MS } });
    const send = sender({ clock }, { images });
    const { name } = await running({ clock }, { images }, { webhook });
    const remove = emulator.addFault({ kind: 'delay', ms: 2_000, route: 'get' });
    const before = emulator.meter.requestsTo('get').length;
    for (let count = 0; count < 11; count++) await send({ data: { id: name } });
    expect(emulator.meter.requestsTo('get')).toHaveLength(before + 1);
    remove();
    await clock.advance(2_100);
    expect(emulator.meter.requestsTo('get')).toHaveLength(before + 2);
  });
});

describe('an event that is not about anything here', () => {
  it.each([
    ['an unknown job', { data: { id: 'nobody-knows' } }],
    ['an unknown type', { type: 'video.generated', data: { id: 'operations/a' } }],
    ['a job of another kind', { type: 'batch.succeeded', data: { id: 'interactions/a' } }],
    ['no job', { data: {} }],
    ['a name that is a path', { data: { id: '../../files/a' } }],
    [
      'a batch of the other host',
      { type: 'batch.failed', data: { id: 'projects/p/locations/l/batchPredictionJobs/1' } },
    ],
  ])('%s is taken, and nothing is read', async (_, content) => {
    const machine = createMachine({ workMs: LONG_MS });
    const own = machine.start();
    const found: Operation[] = [];
    const send = sender(machine, { images: own.images, onOperation: (operation) => found.push(operation) });
    await running(machine, own, { webhook });
    const before = machine.emulator.meter.requests.length;
    expect(await send(content)).toBe(200);
    expect(machine.emulator.meter.requests).toHaveLength(before);
    expect(found).toEqual([]);
  });
});

describe('an event about an operation in the journal', () => {
  it('whose process lives: it is watched beside it, and its record is left alone', async () => {
    const machine = createMachine({ workMs: 60_000 });
    const owner = machine.start();
    const found: Operation[] = [];
    const send = sender(machine, { images: machine.start().images, onOperation: (one) => found.push(one) });
    const { operation, name } = await running(machine, owner, { webhook, tag: 'order 7' });
    const before = machine.emulator.meter.requests.length;
    expect(await send({ data: { id: name } })).toBe(200);
    expect(await send({ data: { id: name } })).toBe(200);
    expect(found).toHaveLength(1);
    expect(found[0]?.id).toBe(operation.id);
    expect(machine.emulator.meter.requests.slice(before).map(({ route }) => route)).toEqual(['get', 'get']);
    expect((await machine.read()).operations).toMatchObject([{ isOrphan: false, record: { tag: 'order 7' } }]);
    await machine.clock.advance(120_000);
    expect([operation.state, found[0]?.state]).toEqual(['succeeded', 'succeeded']);
    // It has ended here: nothing is to be read again.
    const reads = machine.emulator.meter.requests.length;
    expect(await send({ data: { id: name } })).toBe(200);
    expect(machine.emulator.meter.requests).toHaveLength(reads);
    expect(found).toHaveLength(1);
  });

  it('whose process lives: no default of the receiver cancels it', async () => {
    const machine = createMachine({ workMs: LONG_MS });
    const abort = new AbortController();
    const options = { timeoutMs: 5_000, cancelSignal: abort.signal };
    const { images } = machine.start(options);
    const send = sender(machine, { images });
    const { name, operation } = await running(machine, machine.start(), { webhook });
    await send({ data: { id: name } });
    await machine.clock.advance(20_000);
    abort.abort();
    await images.close();
    await machine.clock.advance(20_000);
    expect(machine.emulator.meter.requestsTo('cancel')).toHaveLength(0);
    expect(operation.state).toBe('running');
  });

  it('of more images than are made at a time: the jobs that run are watched beside their owner, and later ones by their own events', async () => {
    const machine = createMachine({ workMs: 60_000 });
    const found: Operation[] = [];
    const send = sender(machine, { images: machine.start().images, onOperation: (one) => found.push(one) });
    const { images } = machine.start({ webhook });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 10 } });
    await machine.clock.advance(10_000);
    expect(await send({ data: { id: operation.jobs[0]?.name } })).toBe(200);
    await machine.clock.advance(75_000);
    expect(found.map(({ jobs, state }) => [jobs.length, state])).toEqual([[8, 'succeeded']]);
    expect(await send({ data: { id: operation.jobs[9]?.name } })).toBe(200);
    await machine.clock.advance(120_000);
    expect(found.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    expect(found.at(-1)?.jobs.map(({ index }) => index)).toContain(9);
    expect(operation.state).toBe('succeeded');
    expect(machine.emulator.meter.jobs).toHaveLength(10);
  });

  it('of several images whose process is gone: it is taken over, and what was never sent is not in doubt', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    const config = { numberOfImages: 10 };
    await crash(machine, ({ images }) => images.start({ ...lighthouse, config }, { webhook }));
    await machine.clock.advance(2 * LEASE_MS);
    const found: Operation[] = [];
    const send = sender(machine, { images: machine.start().images, onOperation: (one) => found.push(one) });
    expect(await send({ data: { id: machine.emulator.meter.jobs[7]?.name } })).toBe(200);
    const [response] = await resolution(machine.clock, Promise.all(found.map((operation) => operation.result())));
    expect(response?.generatedImages).toHaveLength(8);
    await machine.clock.advance(1);
    expect(machine.entries.size).toBe(0);
    expect(machine.emulator.meter.jobs).toHaveLength(8);
  });

  it('whose process is gone: it is taken over', async () => {
    const machine = createMachine({ workMs: 10 * LEASE_MS });
    await crash(machine, ({ images }) => images.start(lighthouse, { tag: 'order 7' }));
    await machine.clock.advance(2 * LEASE_MS);
    const found: Operation[] = [];
    const send = sender(machine, { images: machine.start().images, onOperation: (one) => found.push(one) });
    const [{ name = '' } = {}] = machine.emulator.meter.jobs;
    expect(await send({ data: { id: name } })).toBe(200);
    await machine.clock.advance(1_000);
    expect((await machine.read()).operations).toMatchObject([{ isOrphan: false, record: { tag: 'order 7' } }]);
    expect(found.map(({ state }) => state)).toEqual(['running']);
    await resolution(machine.clock, Promise.all(found.map((operation) => operation.result())));
    await machine.clock.advance(1);
    expect(machine.entries.size).toBe(0);
  });

  it('of another host: nothing is read', async () => {
    const machine = createMachine({ workMs: LONG_MS });
    const { name } = await running(machine, machine.start(), { webhook });
    const before = machine.emulator.meter.requests.length;
    const elsewhere = clientOf(machine.emulator.fetch, 'https://proxy.example.com');
    const journal = memoryJournal({ clock: machine.clock, entries: machine.entries, leaseMs: LEASE_MS });
    const images = cancelable(elsewhere, { clock: machine.clock, journal });
    expect(await sender(machine, { images })({ data: { id: name } })).toBe(200);
    expect(machine.emulator.meter.requests).toHaveLength(before);
  });

  it('that cannot be read is not taken: it comes again', async () => {
    const machine = createMachine({ workMs: LONG_MS });
    const { name } = await running(machine, machine.start(), { webhook });
    const good = memoryJournal({ clock: machine.clock, entries: machine.entries, leaseMs: LEASE_MS });
    let isDown = true;
    const list: typeof good.list = () => (isDown ? Promise.reject(new Error('It is down.')) : good.list());
    const logger = { warn: () => undefined };
    const { images } = machine.start({ logger });
    const { handle } = receiver({ images, secrets: [SECRET], journal: { ...good, list } });
    const again = await parcel('Standard Webhooks', machine.clock, { data: { id: name } });
    expect((await handle(requestOf(again))).status).toBe(503);
    isDown = false;
    const before = machine.emulator.meter.requestsTo('get').length;
    expect((await handle(requestOf(again))).status).toBe(200);
    await machine.clock.advance(1);
    expect(machine.emulator.meter.requestsTo('get')).toHaveLength(before + 1);
  });
});

describe('receiver()', () => {
  const { images } = setup();
  it.each([
    ['no client', { secrets: [SECRET] }],
    ['a client of another making', { images: {}, secrets: [SECRET] }],
    ['nothing to verify with', { images }],
    ['no secrets', { images, secrets: [] }],
    ['a secret that is none', { images, secrets: ['not base64!'] }],
    ['an empty secret', { images, secrets: ['whsec_'] }],
    ['an address that is none', { images, jwks: 'example.com/keys' }],
    ['an empty address', { images, jwks: '' }],
    ['no keys', { images, jwks: { keys: [] } }],
    ['an empty audience', { images, jwks: 'https://example.com/keys', audience: '' }],
    ['a journal that is none', { images, secrets: [SECRET], journal: {} }],
    ['a callback that is none', { images, secrets: [SECRET], onOperation: 'log' }],
    ['a name that is not known', { images, secret: SECRET }],
  ])('throws at once for %s', (_, options) => {
    expect(() => receiver(options as unknown as ReceiverOptions)).toThrow(TypeError);
  });

  it('never rejects', async () => {
    const { handle } = receiver({ images, secrets: [SECRET] });
    for (const request of [undefined, null, {}, 'a request'])
      expect((await handle(request as Request)).status).toBeGreaterThanOrEqual(400);
  });
});
