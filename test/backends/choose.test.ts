import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import type { OperationOptions } from '../../src/index.js';
import type { EmulatorOptions } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';

const refusing = { emulator: { faults: [{ kind: 'background-refused', route: 'create' }] } } as const;
/** The first create is refused, and nothing is heard of the others. */
const halfRefusing: { emulator: EmulatorOptions } = {
  emulator: {
    faults: [
      { kind: 'background-refused', route: 'create', times: 1 },
      { kind: 'hang', route: 'create', skip: 1 },
    ],
  },
};

let warned: MockInstance<typeof console.warn>;

beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("backend: 'auto'", () => {
  it('falls back to fire and forget where the server does not run a model in the background, and says so', async () => {
    const { clock, emulator, images } = setup(refusing);
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    expect(operation.cancelable).toBe(true);
    const { generatedImages } = await resolution(clock, operation.result());
    expect(generatedImages).toHaveLength(2);
    expect(operation.cancelable).toBe(false);
    expect(warnings).toEqual(['not-cancelable']);
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(2);
  });

  it('remembers it for the model, and for no other', async () => {
    const { clock, emulator, images } = setup(refusing);
    await resolution(clock, images.generateImages(lighthouse));
    const again = images.start(lighthouse);
    expect(again.cancelable).toBe(false);
    await resolution(clock, again.result());
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    expect(images.start({ ...lighthouse, model: 'another' }).cancelable).toBe(true);
    await clock.advance(60_000);
  });

  it('tells the console once a model, when nobody listens', async () => {
    const { clock, images } = setup(refusing);
    for (let turn = 0; turn < 3; turn++) await resolution(clock, images.generateImages(lighthouse));
    expect(warned).toHaveBeenCalledTimes(1);
    expect(String(warned.mock.calls[0]?.[0])).toContain('cannot be cancelled on the server');
  });

  it('tells it once too of a model whose images are always made so', async () => {
    const { clock, images } = setup({ client: { backend: 'models' } });
    for (let turn = 0; turn < 2; turn++) await resolution(clock, images.generateImages(lighthouse));
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('goes on where the console throws, as it does under Deno when the terminal is gone', async () => {
    warned.mockImplementation(() => {
      throw new Error('Input/output error (os error 5)');
    });
    const { clock, images } = setup(refusing);
    expect((await resolution(clock, images.generateImages(lighthouse))).generatedImages).toHaveLength(1);
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it.each([404, 405, 501])('takes %i on the collection for the same refusal', async (status) => {
    const { clock, emulator, images } = setup({ emulator: { faults: [{ kind: 'status', route: 'create', status }] } });
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(1);
  });

  it.each([
    [400, 'No such aspect ratio.'],
    [401, 'background'],
    [403, 'background'],
    [409, 'background'],
  ])('takes no %i (%s) for one', async (status, message) => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'status', route: 'create', status, message }] },
    });
    expect(await rejection(clock, images.generateImages(lighthouse))).toMatchObject({ code: 'REJECTED' });
    expect(emulator.meter.requestsTo('generateContent')).toEqual([]);
  });

  it.each([{ fallback: 'error' }, { requireCancelable: true }, { backend: 'interactions' }] as const)(
    'fails with %o, and has started nothing',
    async (options) => {
      const { clock, emulator, images } = setup(refusing);
      const error = await rejection(clock, images.generateImages(lighthouse, options));
      expect(error).toMatchObject({ code: 'NOT_CANCELABLE', model: lighthouse.model });
      expect(emulator.meter.jobs).toEqual([]);
    },
  );

  it('refuses to start what it knows cannot be cancelled, where it has to be', async () => {
    const { clock, images } = setup(refusing);
    await resolution(clock, images.generateImages(lighthouse));
    expect(() => images.start(lighthouse, { requireCancelable: true })).toThrow(
      expect.objectContaining({ code: 'NOT_CANCELABLE' }) as Error,
    );
  });

  it('refuses by name what the fallback cannot honour, instead of dropping it', async () => {
    const { clock, emulator, images } = setup(refusing);
    const config = { outputMimeType: 'image/jpeg' };
    const error = await rejection(clock, images.generateImages({ ...lighthouse, config }));
    expect(error).toMatchObject({ code: 'UNSUPPORTED_PARAMETER', parameter: 'config.outputMimeType' });
    expect(emulator.meter.jobs).toEqual([]);
  });

  it('falls back to a batch also where it has to be cancelable, without a warning', async () => {
    const { clock, emulator, images } = setup(refusing);
    for (let turn = 0; turn < 2; turn++) {
      const operation = images.start(lighthouse, { requireCancelable: true, fallback: 'batches' });
      await resolution(clock, operation.submitted());
      expect(operation.cancelable).toBe(true);
      await resolution(clock, operation.result());
    }
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    expect(emulator.meter.requestsTo('batch-create')).toHaveLength(2);
    expect(warned).not.toHaveBeenCalled();
  });

  it('asks the server again where nothing else will do', async () => {
    const { clock, emulator, images } = setup(refusing);
    await resolution(clock, images.generateImages(lighthouse));
    await rejection(clock, images.generateImages(lighthouse, { fallback: 'error' }));
    await rejection(clock, images.generateImages(lighthouse, { backend: 'interactions' }));
    expect(emulator.meter.requestsTo('create')).toHaveLength(3);
  });

  it('says why it cannot be cancelled', async () => {
    const messagesOf = async (
      { clock, images }: Setup,
      model: string,
      options: OperationOptions,
    ): Promise<string[]> => {
      const operation = images.start({ ...lighthouse, model }, options);
      const messages: string[] = [];
      operation.on('warning', ({ message }) => messages.push(message));
      await resolution(clock, operation.result());
      return messages;
    };
    const warningOf = (model: string, why: string): string =>
      `${model} cannot be cancelled on the server, because ${why}: what is started runs to its end and is charged.`;
    const { model } = lighthouse;
    const all = setup(refusing);
    expect(await messagesOf(all, model, {})).toEqual([
      warningOf(model, 'the server does not run it in the background'),
    ]);
    expect(await messagesOf(all, model, {})).toEqual([
      warningOf(model, 'the server does not run it in the background'),
    ]);
    expect(await messagesOf(setup(), model, { backend: 'models', fallback: 'batches' })).toEqual([
      warningOf(model, 'the backend `models` was asked for'),
    ]);
    const imagen = 'imagen-4.0-generate-001';
    expect(await messagesOf(setup({ vertex: true }), imagen, { fallback: 'batches' })).toEqual([
      warningOf(imagen, 'Imagen is made by a synchronous request'),
    ]);
  });

  it('does not wait for a create that is never answered before it makes what was refused', async () => {
    const { clock, images } = setup(halfRefusing);
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
    expect(operation.jobs.map(({ backend, state }) => [backend, state])).toEqual([
      ['models', 'succeeded'],
      ['interactions', 'unknown'],
    ]);
  });

  it('is what `models` is not: that makes no batch, whatever the fallback', async () => {
    const { clock, emulator, images } = setup();
    await resolution(clock, images.generateImages(lighthouse, { backend: 'models', fallback: 'batches' }));
    expect(emulator.meter.requests.map(({ route }) => route)).toEqual(['generateContent']);
  });

  it('needs no room of its own for what it makes in the place of a job', async () => {
    const { clock, emulator, images } = setup(refusing);
    const two = { ...lighthouse, config: { numberOfImages: 2 } };
    await resolution(clock, images.generateImages(two, { maxConcurrency: 1 }));
    const [first, second] = emulator.meter.requestsTo('create').map(({ at }) => at);
    expect(second).toBe(first);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(2);
  });

  it('a stop while one create was refused, and nothing is known of the other, falls back to nothing at all', async () => {
    const { clock, images } = setup(halfRefusing);
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report.jobs.map(({ backend, state }) => [backend, state])).toEqual([
      ['interactions', 'not-started'],
      ['interactions', 'submitting'],
    ]);
    expect(report.leftovers).toHaveLength(1);
    await clock.advance(600_000);
    expect(operation.jobs.map(({ backend }) => backend)).toEqual(['interactions', 'interactions']);
    expect(warnings).not.toContain('not-cancelable');
  });

  it('a refusal after the stop is the end of a job, not a reason to fall back', async () => {
    const { clock, images } = setup({
      emulator: {
        faults: [{ kind: 'delay', route: 'create', ms: 1_000, when: 'before' }, refusing.emulator.faults[0]],
      },
    });
    const operation = images.start(lighthouse);
    await clock.advance(500);
    const { jobs } = await resolution(clock, operation.cancel());
    expect(jobs).toMatchObject([{ state: 'not-started', error: { code: 'NOT_CANCELABLE' } }]);
  });

  it('a stop before it has fallen back starts nothing', async () => {
    const { clock, emulator, images } = setup({
      emulator: {
        faults: [{ kind: 'delay', route: 'create', ms: 1_000, when: 'before' }, refusing.emulator.faults[0]],
      },
    });
    const operation = images.start(lighthouse);
    await clock.advance(500);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'not-started' });
    await clock.advance(60_000);
    expect(emulator.meter.jobs).toEqual([]);
  });

  it('a stop while only some are known to be refused starts nothing for them either', async () => {
    const { clock, emulator, images } = setup({
      emulator: {
        faults: [
          { kind: 'background-refused', route: 'create', times: 1 },
          { kind: 'delay', route: 'create', ms: 2_000, skip: 1 },
        ],
      },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    await clock.advance(1_000);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
    await clock.advance(60_000);
    expect(emulator.meter.requestsTo('generateContent')).toEqual([]);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });
});

describe('Imagen', () => {
  it.each([
    [false, 'imagen-4.0-generate-001', 'gemini-3.1-flash-image'],
    [false, 'models/imagen-4.0-ultra-generate-001', 'gemini-3-pro-image'],
    [true, 'imagen-3.0-generate-002', 'gemini-3.1-flash-image'],
  ])('that was shut down is refused with its replacement (Vertex: %s, %s)', (vertex, model, replacement) => {
    const { emulator, images } = setup({ vertex });
    expect(() => images.start({ ...lighthouse, model })).toThrow(
      expect.objectContaining({ code: 'MODEL_RETIRED', model, replacement }) as Error,
    );
    expect(emulator.meter.requests).toEqual([]);
  });

  it('that was shut down makes no batch either', () => {
    const { emulator, images } = setup();
    const start = (): unknown => images.startBatch([{ prompt: 'x' }], { model: 'imagen-4.0-generate-001' });
    expect(start).toThrow(expect.objectContaining({ code: 'MODEL_RETIRED' }) as Error);
    expect(emulator.meter.requests).toEqual([]);
  });

  it('is replaced where that was asked for, with a warning', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start({ ...lighthouse, model: 'imagen-4.0-fast-generate-001' }, { migrateImagen: true });
    const warnings: string[] = [];
    operation.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));
    await resolution(clock, operation.result());
    expect(warnings).toEqual([
      'model-migrated: imagen-4.0-fast-generate-001 was shut down: gemini-3.1-flash-image is used.',
    ]);
    expect(emulator.meter.requestsTo('create')[0]?.body).toMatchObject({
      model: 'gemini-3.1-flash-image',
      generation_config: { thinking_level: 'minimal' },
    });
  });

  it('4 on Vertex is made by the one request that it has', async () => {
    const { clock, emulator, images } = setup({ vertex: true });
    const operation = images.start({
      ...lighthouse,
      model: 'imagen-4.0-generate-001',
      config: { numberOfImages: 6, negativePrompt: 'people', seed: 7 },
    });
    expect(operation.cancelable).toBe(false);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(6);
    expect(emulator.meter.requestsTo('predict').map(({ body }) => body)).toMatchObject([
      { parameters: { sampleCount: 4, negativePrompt: 'people', seed: 7 } },
      { parameters: { sampleCount: 2, negativePrompt: 'people', seed: 11 } },
    ]);
  });
});

describe('batches on Vertex', () => {
  it('do not take requests as they are: the option is named', () => {
    const { images } = setup({ vertex: true });
    expect(() => images.start(lighthouse, { backend: 'batches' })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_PARAMETER', parameter: 'backend' }) as Error,
    );
  });
});

describe('capabilities()', () => {
  it('tells what is known, and how, without asking anyone', async () => {
    const { clock, emulator, images } = setup();
    expect(images.capabilities(lighthouse.model)).toMatchObject({ cancelable: 'unknown', known: 'unknown' });
    await resolution(clock, images.generateImages(lighthouse));
    expect(images.capabilities(lighthouse.model)).toMatchObject({ cancelable: true, known: 'observed' });
    expect(images.capabilities('imagen-4.0-generate-001')).toMatchObject({
      cancelable: false,
      known: 'documented',
      replacement: 'gemini-3.1-flash-image',
    });
    expect(emulator.meter.requests).toHaveLength(2);
    expect(() => images.capabilities('')).toThrow(TypeError);
  });

  it('remembers what was accepted, also beside what failed', async () => {
    const { clock, images } = setup({
      emulator: { faults: [{ kind: 'status', route: 'create', status: 400, times: 1 }] },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    operation.on('warning', () => undefined);
    await resolution(clock, operation.result());
    expect(images.capabilities(lighthouse.model)).toMatchObject({ cancelable: true, known: 'observed' });
  });

  it('remembers a refusal', async () => {
    const { clock, images } = setup(refusing);
    await resolution(clock, images.generateImages(lighthouse));
    expect(images.capabilities(lighthouse.model)).toMatchObject({ cancelable: false, known: 'observed' });
  });
});

describe('maxConcurrency', () => {
  it('limits the jobs on the server', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 5 } }, { maxConcurrency: 2 });
    let most = 0;
    const watching = emulator.waitFor((meter) => {
      most = Math.max(most, meter.running().length);
      return meter.jobs.length === 5 && meter.running().length === 0;
    });
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(5);
    await watching;
    expect(most).toBe(2);
  });

  it.each(['interactions', 'models'] as const)('is not used up by an answer that never comes (%s)', async (backend) => {
    const route = backend === 'interactions' ? 'create' : 'generateContent';
    const { clock, emulator, images } = setup({ emulator: { faults: [{ kind: 'hang', route, times: 1 }] } });
    const config = { numberOfImages: 3 };
    const operation = images.start({ ...lighthouse, config }, { backend, maxConcurrency: 1 });
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    expect(operation.jobs.map(({ state }) => state)).toEqual(['unknown', 'succeeded', 'succeeded']);
    expect(emulator.meter.requestsTo(route)).toHaveLength(3);
  });

  it('what was never submitted never is', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 5 } }, { maxConcurrency: 2 });
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report.outcome).toBe('cancelled');
    expect(report.jobs.map(({ state }) => state)).toEqual([
      'cancelled',
      'cancelled',
      'not-started',
      'not-started',
      'not-started',
    ]);
    await clock.advance(60_000);
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
  });
});
