import { describe, expect, it } from 'vitest';
import { UnsupportedParameterError, type OperationOptions } from '../../src/index.js';
import { lighthouse, resolution, setup } from '../support/setup.js';

const uris = ['https://example.com/webhook'];
const webhook = { uris, userMetadata: { order: 7 } };
const LONG_MS = 100_000_000;

describe('the option webhook', () => {
  it('goes to interactions, and to batches', async () => {
    const { clock, emulator, images } = setup({ client: { webhook } });
    const config = { numberOfImages: 2 };
    await resolution(clock, images.start({ ...lighthouse, config }).submitted());
    await resolution(clock, images.startBatch([{ prompt: 'fog' }], { model: lighthouse.model }).submitted());
    await resolution(clock, images.start(lighthouse, { backend: 'batches' }).submitted());
    const interactions = emulator.meter.requestsTo('create').map(({ body }) => body);
    const batches = emulator.meter.requestsTo('batch-create').map(({ body }) => body);
    const sent = { webhook_config: { uris, user_metadata: { order: 7 } } };
    expect(interactions).toMatchObject([sent, sent]);
    expect(batches).toMatchObject([{ batch: { webhookConfig: webhook } }, { batch: { webhookConfig: webhook } }]);
  });

  it('is refused for fire and forget, and for batches on Vertex, before anything is sent', () => {
    const { images, routes } = setup();
    expect(() => images.start(lighthouse, { backend: 'models', webhook })).toThrow(UnsupportedParameterError);
    const vertex = setup({ vertex: true });
    const options = { model: lighthouse.model, destination: 'gs://a/b', webhook };
    expect(() => vertex.images.startBatch('gs://a/requests.jsonl', options)).toThrow(UnsupportedParameterError);
    expect([...routes(), ...vertex.routes()]).toEqual([]);
  });

  it('is left out, with a warning, where the server refuses the background', async () => {
    const { clock, images, emulator } = setup({ emulator: { background: 'refused' }, client: { webhook } });
    for (const generateContents of [1, 2]) {
      const codes: string[] = [];
      const operation = images.start(lighthouse);
      operation.on('warning', ({ code }) => codes.push(code));
      await resolution(clock, operation.result());
      expect(codes).toEqual(['not-cancelable', 'webhook-ignored']);
      expect(emulator.meter.requestsTo('generateContent')).toHaveLength(generateContents);
    }
    expect(JSON.stringify(emulator.meter.requestsTo('generateContent'))).not.toMatch(/example\.com/);
  });

  it.each([
    ['no addresses', { uris: [] }],
    ['what is no address', { uris: ['example.com'] }],
    ['an address of another kind', { uris: ['file:///etc/passwd'] }],
    ['no list', { uris: 'https://example.com' }],
    ['metadata that are no object', { uris, userMetadata: 'order 7' }],
    ['other names', { uris, url: 'https://example.com' }],
    ['nothing in it', {}],
  ])('throws for %s', (_, given) => {
    const { images, routes } = setup();
    const options = { webhook: given } as unknown as OperationOptions;
    expect(() => images.start(lighthouse, options)).toThrow(TypeError);
    expect(routes()).toEqual([]);
  });
});

describe('with a webhook', () => {
  it.each([
    ['interactions', 2],
    ['batches', 24],
  ] as const)('%s are read seldom, and not by a stream', async (backend, hours) => {
    const { clock, emulator, images } = setup({ emulator: { workMs: LONG_MS, batchQueueMs: 0 } });
    const operation = images.start(lighthouse, { backend, webhook });
    await resolution(clock, operation.submitted());
    const reads = () => emulator.meter.requests.filter(({ route }) => route === 'get' || route === 'batch-get');
    await clock.advance(144_000);
    expect(reads().length).toBeLessThanOrEqual(12);
    expect(reads().length).toBeGreaterThan(3);
    await clock.advance(hours * 3_600_000);
    expect(emulator.meter.requestsTo('stream')).toHaveLength(0);
    const gaps = reads().map(({ at }, index) => at - (reads()[index - 1]?.at ?? at));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20 * 60_000);
  });

  it('pollMs does not bring the reads back', async () => {
    const { clock, emulator, images } = setup({ emulator: { workMs: LONG_MS } });
    await resolution(clock, images.start(lighthouse, { webhook, limits: { pollMs: 100 } }).submitted());
    await clock.advance(144_000);
    expect(emulator.meter.requestsTo('get').length).toBeLessThanOrEqual(12);
  });

  it('reads that fail are tried again soon, and no stream is opened for them', async () => {
    const { clock, emulator, images } = setup({ emulator: { workMs: 200_000 } });
    const operation = images.start(lighthouse, { webhook });
    await resolution(clock, operation.submitted());
    await clock.advance(150_000);
    const remove = emulator.addFault({ kind: 'status', status: 503, route: 'get' });
    await clock.advance(100_000);
    const failed = emulator.meter.requestsTo('get').filter(({ status }) => status === 503);
    expect(failed.length).toBeGreaterThan(4);
    remove();
    await clock.advance(16_000);
    expect(operation.state).toBe('succeeded');
    expect(emulator.meter.requestsTo('stream')).toHaveLength(0);
  });

  it('a cancel reads as soon as without one', async () => {
    const { clock, images } = setup({ emulator: { workMs: LONG_MS } });
    const operation = images.start(lighthouse, { webhook });
    await resolution(clock, operation.submitted());
    await clock.advance(3_600_000);
    const at = clock.now();
    expect((await resolution(clock, operation.cancel())).outcome).toBe('cancelled');
    expect(clock.now() - at).toBeLessThanOrEqual(1_000);
  });
});
