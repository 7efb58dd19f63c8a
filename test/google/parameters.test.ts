import { describe, expect, it } from 'vitest';
import { UnsupportedParameterError, type GenerateImagesConfig } from '../../src/index.js';
import { configRules } from '../../src/google/config-table.js';
import { lighthouse, resolution, setup } from '../support/setup.js';

async function bodiesFor(config: GenerateImagesConfig): Promise<unknown[]> {
  const { clock, emulator, images } = setup();
  await resolution(clock, images.generateImages({ ...lighthouse, config }));
  return emulator.meter.requestsTo('create').map(({ body }) => body);
}

describe('what reaches the wire', () => {
  it('is the model and the prompt, in the background, for an image', async () => {
    expect(await bodiesFor({})).toEqual([
      { model: lighthouse.model, input: lighthouse.prompt, background: true, response_format: { type: 'image' } },
    ]);
  });

  it('has every parameter that is honoured', async () => {
    const [body] = await bodiesFor({
      numberOfImages: 1,
      aspectRatio: '16:9',
      imageSize: '2K',
      outputMimeType: 'image/jpeg',
      seed: 7,
      labels: { team: 'harbour' },
      includeRaiReason: true,
    });
    expect(body).toEqual({
      model: lighthouse.model,
      input: lighthouse.prompt,
      background: true,
      response_format: { type: 'image', aspect_ratio: '16:9', image_size: '2K', mime_type: 'image/jpeg' },
      generation_config: { seed: 7 },
      labels: { team: 'harbour' },
    });
  });

  it('gives each image a seed of its own, else all of them would be the same', async () => {
    const bodies = await bodiesFor({ numberOfImages: 3, seed: 7 });
    expect(bodies).toMatchObject([7, 8, 9].map((seed) => ({ generation_config: { seed } })));
  });

  it('treats null and undefined as left out, as the SDK does', async () => {
    const [body] = await bodiesFor({
      seed: null,
      negativePrompt: undefined,
      aspectRatio: null,
      guidanceScale: null,
    } as never);
    expect(body).not.toHaveProperty('generation_config');
    expect(body).toHaveProperty('response_format', { type: 'image' });
  });
});

describe('what is refused before anything is sent', () => {
  const refused = Object.entries(configRules).flatMap(([name, { interactions }]) =>
    interactions.honoured ? [] : [[name, interactions] as const],
  );

  it.each(refused)('%s, by name, with what to do instead', (name, rule) => {
    const { emulator, images } = setup();
    const start = (): unknown => images.start({ ...lighthouse, config: { [name]: 'x' } });
    expect(start).toThrow(UnsupportedParameterError);
    const parameter = { parameter: `config.${name}`, why: rule.why, instead: rule.instead };
    expect(start).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_PARAMETER', parameters: [parameter], jobs: [] }) as Error,
    );
    expect(start).toThrow(rule.instead);
    expect(emulator.meter.requests).toEqual([]);
  });

  it('several at once, each with its reason', () => {
    const { emulator, images } = setup();
    const start = (): unknown => images.start({ ...lighthouse, config: { negativePrompt: 'x', guidanceScale: 3 } });
    expect(start).toThrow(
      expect.objectContaining({
        name: 'UnsupportedParameterError',
        parameters: [
          expect.objectContaining({ parameter: 'config.negativePrompt' }),
          expect.objectContaining({ parameter: 'config.guidanceScale' }),
        ],
      }) as Error,
    );
    expect(emulator.meter.requests).toEqual([]);
  });

  it('a name that the SDK does not know, with the one that was meant', () => {
    const { images } = setup();
    expect(() => images.start({ ...lighthouse, config: { numberOfImage: 4 } as never })).toThrow(
      "Expected `config.numberOfImage` to be left out: the SDK's GenerateImagesConfig has no such name. Did you mean `config.numberOfImages`?",
    );
    expect(() => images.start({ ...lighthouse, config: { what: 4 } as never })).toThrow('Check its spelling.');
    expect(() => images.start({ ...lighthouse, config: { toString: 4 } as never })).toThrow('config.toString');
    expect(() => images.start({ ...lighthouse, image: 'x' } as never)).toThrow('no `image`');
  });

  it.each([
    [{ numberOfImages: 0 }, RangeError, 'Expected `config.numberOfImages` to be an integer >= 1, got `0` (number).'],
    [{ numberOfImages: 1.5 }, RangeError, 'numberOfImages'],
    [{ numberOfImages: '4' }, TypeError, 'numberOfImages'],
    [{ aspectRatio: '16x9' }, TypeError, 'config.aspectRatio'],
    [{ aspectRatio: 1.5 }, TypeError, 'config.aspectRatio'],
    [{ imageSize: 'large' }, TypeError, 'config.imageSize'],
    [{ outputMimeType: 'png' }, TypeError, 'config.outputMimeType'],
    [{ seed: -1 }, RangeError, 'config.seed'],
    [{ seed: 0.5 }, RangeError, 'config.seed'],
    [{ seed: 2 ** 31 - 1, numberOfImages: 2 }, RangeError, 'config.seed'],
    [{ labels: ['a'] }, TypeError, 'config.labels'],
    [{ labels: { a: 1 } }, TypeError, 'config.labels.a'],
    [{ labels: { a: 'x'.repeat(64) } }, RangeError, 'at most 63 characters'],
    [{ includeRaiReason: false }, UnsupportedParameterError, 'config.includeRaiReason'],
    [{ abortSignal: {} }, TypeError, 'config.abortSignal'],
    ['x', TypeError, 'Expected `config` to be an object'],
  ])('%o', (config, kind, message) => {
    const { emulator, images } = setup();
    const start = (): unknown => images.start({ ...lighthouse, config: config as never });
    expect(start).toThrow(kind);
    expect(start).toThrow(message);
    expect(emulator.meter.requests).toEqual([]);
  });

  it.each([
    undefined,
    null,
    'x',
    [],
    {},
    { model: 'm' },
    { prompt: 'p' },
    { model: 'm', prompt: ' ' },
    { model: 7, prompt: 'p' },
  ])('parameters such as %o', (parameters) => {
    const { images } = setup();
    expect(() => images.start(parameters as never)).toThrow(TypeError);
  });

  it('without ever quoting the prompt', () => {
    const { images } = setup();
    expect(() => images.start({ model: 'm', prompt: ['my secret'] as never })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('my secret') as string }) as Error,
    );
  });
});
