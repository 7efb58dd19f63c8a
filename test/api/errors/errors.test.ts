import { describe, expect, it } from 'vitest';
import { inspect } from 'node:util';
import { GenaiCancelError } from '../../../src/index.js';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, rejection, setup } from '../../support/setup.js';

const causes: [name: string, code: string, readonly Fault[]][] = [
  ['NotStartedError', 'REJECTED', [{ kind: 'status', route: 'create', status: 400, message: 'No.' }]],
  ['MayBeRunningError', 'RESPONSE_LOST', [{ kind: 'reset', route: 'create', when: 'after' }]],
  ['NotStartedError', 'NOT_CANCELABLE', [{ kind: 'background-refused', route: 'create' }]],
  ['OperationFailedError', 'FAILED', [{ kind: 'fail', message: 'out of paint' }]],
  ['AbortError', 'ABORT_ERR', []],
];

describe('toJSON()', () => {
  it('of a stop has the report, and its images without their bytes', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'cancel-ignored', route: 'cancel' }] } });
    const operation = images.start(lighthouse);
    await clock.advance(500);
    void operation.cancel(new Error('my reason'));
    const error = await rejection(clock, operation.result());
    expect(error).toHaveProperty('report.response.generatedImages.0.image.imageBytes');
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      report: {
        outcome: 'completed-anyway',
        reason: { message: 'my reason' },
        response: { generatedImages: [{ image: { mimeType: 'image/png' } }] },
      },
    });
    expect(JSON.stringify(error)).not.toContain('imageBytes');
  });

  it('of a refused parameter says which, and what to do instead', () => {
    const { images } = setup();
    const start = (): unknown => images.start({ ...lighthouse, config: { negativePrompt: 'people' } });
    expect(start).toThrow(
      expect.toSatisfy((error) => JSON.stringify(error).includes('"parameter":"config.negativePrompt"')) as Error,
    );
  });
});

describe.each(causes)('%s, %s', (name, code, faults) => {
  async function provoke(): Promise<unknown> {
    const { clock, images } = setup({ emulator: { faults }, client: { requireCancelable: true } });
    const controller = new AbortController();
    const result = images.generateImages({ ...lighthouse, config: { abortSignal: controller.signal } });
    result.catch(() => undefined);
    if (name === 'AbortError') {
      await clock.advance(500);
      controller.abort(new Error('my reason'));
    }
    return rejection(clock, result);
  }

  it('has a literal name and code, and names its jobs', async () => {
    const error = await provoke();
    expect(error).toBeInstanceOf(GenaiCancelError);
    expect(error).toMatchObject({ name, code });
    expect(error).toMatchObject({ jobs: [{ index: 0, backend: 'interactions' }] });
  });

  it('survives JSON.stringify', async () => {
    const error = (await provoke()) as Error;
    const json = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
    expect(json).toMatchObject({ name, code, message: error.message, jobs: [{ index: 0 }] });
    expect(json).not.toHaveProperty('stack');
  });

  it('holds no key, header or prompt, however it is printed', async () => {
    const error = await provoke();
    for (const text of [inspect(error, { depth: null, showHidden: true }), JSON.stringify(error), String(error)]) {
      expect(text).not.toContain('a-key');
      expect(text).not.toContain('x-goog-api-key');
      expect(text).not.toContain(lighthouse.prompt);
    }
  });
});
