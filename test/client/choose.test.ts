import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OperationOptions } from '../../src/index.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';

// The SDK warns of `generateImages`.
beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
afterAll(() => void vi.restoreAllMocks());

const retired = [
  ['imagen-4.0-generate-001', 'gemini-3.1-flash-image'],
  ['imagen-4.0-fast-generate-001', 'gemini-3.1-flash-image'],
  ['models/imagen-4.0-ultra-generate-001', 'gemini-3-pro-image'],
  ['imagen-3.0-generate-002', 'gemini-3.1-flash-image'],
  ['publishers/google/models/imagen-9.9-unheard-of', 'gemini-3.1-flash-image'],
  ['gemini-2.5-flash-image', 'gemini-3.1-flash-image'],
  ['gemini-3.1-flash-image-preview', 'gemini-3.1-flash-image'],
  ['gemini-3-pro-image-preview', 'gemini-3-pro-image'],
] as const;
const isImagen = (model: string): boolean => model.includes('imagen-');
const retiredError = (model: string, replacement: string): Error =>
  expect.objectContaining({
    name: 'NotStartedError',
    code: 'MODEL_RETIRED',
    message: expect.stringMatching(
      new RegExp(`^Google has shut down ${model}\\. Use ${replacement}\\. Image models: .*gemini-3\\.1-flash-image`),
    ) as string,
  }) as Error;

describe.each([false, true])('a model that was shut down (Vertex: %s)', (vertex) => {
  const backends = ['auto', 'interactions', 'models'] as const;
  const cases = retired.flatMap(([model, replacement]) =>
    backends.flatMap((backend) => {
      // The one exception: an Imagen model on Vertex, asked for on purpose.
      const isExcepted = vertex && backend === 'models' && isImagen(model);
      return isExcepted ? [] : [[model, backend, replacement] as const];
    }),
  );

  it.each(cases)("%s is refused by backend '%s', with its replacement", (model, backend, replacement) => {
    const { emulator, images } = setup({ vertex });
    expect(() => images.start({ ...lighthouse, model }, { backend })).toThrow(retiredError(model, replacement));
    expect(emulator.meter.requests).toEqual([]);
  });

  it.each(retired)('%s makes no batch either', (model, replacement) => {
    const { emulator, images } = setup({ vertex });
    const start = (): unknown =>
      vertex
        ? images.startBatch('gs://bucket/in.jsonl', { model, destination: 'gs://bucket/out' })
        : images.startBatch([{ prompt: 'x' }], { model });
    expect(start).toThrow(retiredError(model, replacement));
    expect(emulator.meter.requests).toEqual([]);
  });
});

it('a model that was shut down is no batch of start() either', () => {
  const { emulator, images } = setup();
  const [[model, replacement]] = retired;
  expect(() => images.start({ ...lighthouse, model }, { backend: 'batches' })).toThrow(
    retiredError(model, replacement),
  );
  expect(emulator.meter.requests).toEqual([]);
});

describe("an Imagen model on Vertex, with backend: 'models'", () => {
  it('is made by the call that this library wraps, four images a request', async () => {
    const { clock, emulator, images } = setup({ vertex: true, emulator: { retired: [] } });
    const config = { numberOfImages: 6, negativePrompt: 'people', seed: 7 };
    const operation = images.start({ ...lighthouse, model: 'imagen-4.0-generate-001', config }, { backend: 'models' });
    operation.on('warning', () => undefined);
    expect(operation.cancelable).toBe(false);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(6);
    expect(emulator.meter.requestsTo('predict').map(({ body }) => body)).toMatchObject([
      { parameters: { sampleCount: 4, negativePrompt: 'people', seed: 7 } },
      { parameters: { sampleCount: 2, negativePrompt: 'people', seed: 11 } },
    ]);
    expect(emulator.meter.requestsTo('create')).toEqual([]);
  });

  it('is refused where it has to be cancelable', () => {
    const { emulator, images } = setup({ vertex: true });
    const options = { backend: 'models', requireCancelable: true } as const;
    expect(() => images.start({ ...lighthouse, model: 'imagen-4.0-generate-001' }, options)).toThrow(
      expect.objectContaining({ code: 'NOT_CANCELABLE' }) as Error,
    );
    expect(emulator.meter.requests).toEqual([]);
  });
});

describe("backend: 'models'", () => {
  const warningsOf = async ({ clock, images }: Setup, options: OperationOptions): Promise<string[]> => {
    const operation = images.start(lighthouse, options);
    const messages: string[] = [];
    operation.on('warning', ({ message }) => messages.push(message));
    await resolution(clock, operation.result());
    return messages;
  };
  const warningOf = (why: string): unknown =>
    expect.stringMatching(
      new RegExp(
        `^${lighthouse.model} cannot be cancelled on the server, because ${why}: .*one at a time.*\`maxConcurrency\`.*lost on Ctrl\\+C without \`onImage\`.*\`requireCancelable: true\`.*\`backend: 'batches'\``,
      ),
    );

  it('says beforehand why nothing can cancel it, each time to those who listen', async () => {
    const asked = setup();
    for (let turn = 0; turn < 2; turn++) {
      expect(await warningsOf(asked, { backend: 'models' })).toEqual([warningOf('the backend `models` was asked for')]);
    }
    const refused = setup({ emulator: { faults: [{ kind: 'background-refused', route: 'create' }] } });
    for (const answer of [String.raw` \(.*background.*\)`, '']) {
      expect(await warningsOf(refused, {})).toEqual([
        warningOf(`the server does not run it in the background${answer}`),
      ]);
    }
  });

  it('sends its own request only', async () => {
    const all = setup();
    await warningsOf(all, { backend: 'models' });
    expect(all.routes()).toEqual(['generateContent']);
  });
});

describe('batches on Vertex', () => {
  it('do not take requests as they are: the option is named', () => {
    const { images } = setup({ vertex: true });
    expect(() => images.start(lighthouse, { backend: 'batches' })).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_PARAMETER',
        parameters: [expect.objectContaining({ parameter: 'backend' })],
      }) as Error,
    );
  });
});

describe('capabilities()', () => {
  const { model } = lighthouse;

  it('tells what is known, and how, without asking anyone', async () => {
    const { clock, emulator, images } = setup();
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'unknown', known: 'unknown' });
    expect(images.capabilities('imagen-4.0-generate-001')).toMatchObject({ cancelable: 'no', known: 'documented' });
    expect(emulator.meter.requests).toEqual([]);
    // An accepted create proves nothing, and neither does an image.
    await resolution(clock, images.generateImages(lighthouse));
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'unknown', known: 'unknown' });
    expect(() => images.capabilities('')).toThrow(TypeError);
  });

  it('knows that it can be cancelled from a confirmed cancel on, and when that was', async () => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse);
    await clock.advance(1_000);
    const { settledAt } = await resolution(clock, operation.cancel());
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'yes', known: 'observed', observedAt: settledAt });
    expect(images.capabilities('another')).toMatchObject({ cancelable: 'unknown' });
  });

  it('learns nothing from a cancel that was not confirmed, or that lost the race', async () => {
    for (const fault of [{ kind: 'end', status: 'pondering' } as const, undefined]) {
      const faults = [{ kind: 'cancel-ignored', route: 'cancel' } as const, ...(fault === undefined ? [] : [fault])];
      const { clock, images } = setup({ emulator: { faults } });
      const operation = images.start(lighthouse);
      operation.on('warning', () => undefined);
      await clock.advance(1_000);
      await resolution(clock, operation.cancel());
      expect(images.capabilities(model)).toMatchObject({ cancelable: 'unknown' });
    }
  });

  it('learns nothing from somebody else who cancelled it', async () => {
    const { clock, ai, emulator, images } = setup();
    const operation = images.start(lighthouse);
    await clock.advance(1_000);
    await ai.interactions.cancel(emulator.meter.jobs[0]?.name?.replace('interactions/', '') ?? '');
    await rejection(clock, operation.result());
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'unknown' });
  });

  it('remembers a refusal, and when that was', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'background-refused', route: 'create' }] } });
    const refusedAt = clock.now();
    const operation = images.start(lighthouse);
    operation.on('warning', () => undefined);
    await resolution(clock, operation.result());
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'no', known: 'observed', observedAt: refusedAt });
  });
});
