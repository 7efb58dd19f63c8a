import { describe, expect, it } from 'vitest';
import { cancelable } from '../../src/index.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

describe('generateImages', () => {
  it('is a drop-in: parameters and response of the SDK, also taken apart', async () => {
    const { clock, images } = setup();
    const { generateImages } = images;
    const response = await resolution(clock, generateImages({ ...lighthouse, config: { numberOfImages: 2 } }));
    expect(response.generatedImages).toHaveLength(2);
    expect(new Set(response.generatedImages.map(({ image }) => image?.imageBytes)).size).toBe(2);
  });

  it('rejects on bad input where start() throws', async () => {
    const { emulator, images } = setup();
    expect(() => images.start({ model: '', prompt: 'x' })).toThrow(TypeError);
    await expect(images.generateImages({ model: '', prompt: 'x' })).rejects.toThrow(TypeError);
    expect(emulator.meter.requests).toEqual([]);
  });

  it.each([false, true])('speaks to the host of its client (Vertex: %s)', async (vertex) => {
    const { clock, emulator, images } = setup({ vertex });
    await resolution(clock, images.generateImages(lighthouse));
    const operation = images.start(lighthouse);
    await clock.advance(500);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
    // Without Vertex, SDK 2 speaks v1beta and SDK 3 v1.
    const place = vertex
      ? /^\/v1beta1\/projects\/a-project\/locations\/global\/interactions/
      : /^\/v1(beta)?\/interactions/;
    for (const { path } of emulator.meter.requests) expect(path).toMatch(place);
  });
});

describe('cancelable', () => {
  it('checks the client', () => {
    for (const client of [undefined, null, {}, { interactions: {} }, 'key']) {
      expect(() => cancelable(client as never)).toThrow(
        'Expected `client` to be a GoogleGenAI of @google/genai 2.30 or later',
      );
    }
  });

  it('takes defaults that one call can override; undefined keeps them', async () => {
    const { clock, images } = setup({ client: { timeoutMs: 1_000 } });
    expect(await rejection(clock, images.generateImages(lighthouse))).toMatchObject({ report: { trigger: 'timeout' } });
    expect(await resolution(clock, images.generateImages(lighthouse, { timeoutMs: 60_000 }))).toHaveProperty(
      'generatedImages',
    );
    expect(await rejection(clock, images.generateImages(lighthouse, { timeoutMs: undefined }))).toMatchObject({
      report: { trigger: 'timeout' },
    });
  });

  it('lists the operations in flight, and cancels them all', async () => {
    const { clock, emulator, images } = setup();
    const operations = [images.start(lighthouse), images.start(lighthouse)];
    expect(images.operations).toEqual(operations);
    await clock.advance(500);
    const reports = await resolution(clock, images.cancelAll('enough'));
    expect(reports).toMatchObject([
      { outcome: 'cancelled', trigger: 'cancel', reason: 'enough' },
      { outcome: 'cancelled' },
    ]);
    expect(images.operations).toEqual([]);
    expect(emulator.meter.running()).toEqual([]);
  });

  it('one failing cancel does not stop the others', async () => {
    const { clock, images } = setup({
      emulator: {
        faults: [
          { kind: 'status', route: 'cancel', status: 403, job: 0 },
          { kind: 'end', status: 'pondering', job: 0 },
        ],
      },
    });
    images.start(lighthouse);
    images.start(lighthouse);
    await clock.advance(500);
    const reports = await resolution(clock, images.cancelAll());
    expect(reports.map(({ outcome }) => outcome)).toEqual(['unconfirmed', 'cancelled']);
  });

  it('close() cancels what is in flight except what was detached, and starts nothing any more', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start(lighthouse);
    images.start(lighthouse).detach();
    await clock.advance(500);
    await resolution(clock, images.close());
    expect(await rejection(clock, operation.result())).toMatchObject({
      report: { outcome: 'cancelled', trigger: 'dispose' },
    });
    expect(emulator.meter.running()).toHaveLength(1);
    expect(() => images.start(lighthouse)).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }) as Error);
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
  });
});

describe('cancel(name)', () => {
  it('cancels a job that is known only by its name', async () => {
    const { clock, emulator, images } = setup();
    const elsewhere = images.start(lighthouse);
    elsewhere.detach();
    await clock.advance(500);
    const name = emulator.meter.jobs[0]?.name ?? '';
    const report = await resolution(clock, images.cancel(name));
    expect(report).toMatchObject({ outcome: 'cancelled', trigger: 'cancel', jobs: [{ name, cancelRequests: 1 }] });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
  });

  it('says unconfirmed of a name that nobody knows', async () => {
    const { clock, images } = setup();
    expect(await resolution(clock, images.cancel('interactions/nobody'))).toMatchObject({
      outcome: 'unconfirmed',
      leftovers: [{ name: 'interactions/nobody' }],
    });
  });

  it.each([
    '',
    'abc',
    'interactions/',
    'interactions/a/b',
    'models/abc',
    'batches/',
    'batches/a/b',
    'projects/p/locations/l/batchPredictionJobs/',
    'interactions/a b',
    7,
    undefined,
  ])('refuses the name %o', async (name) => {
    const { emulator, images } = setup();
    await expect(images.cancel(name as string)).rejects.toThrow('Expected `name` to be the name of a job');
    expect(emulator.meter.requests).toEqual([]);
  });
});
