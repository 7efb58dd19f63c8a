import { describe, expect, it } from 'vitest';
import { inspect } from 'node:util';
import { GenaiCancelError, type OperationOptions } from '../../../src/index.js';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, rejection, setup } from '../../support/setup.js';

/** A way to each class that an operation can reject with. */
const causes: [string, string, readonly Fault[], OperationOptions?][] = [
  ['NotStartedError', 'REJECTED', [{ kind: 'status', route: 'create', status: 400, message: 'No.' }]],
  ['NotStartedError', 'NOT_CANCELABLE', [{ kind: 'background-refused', route: 'create' }], { requireCancelable: true }],
  ['MayBeRunningError', 'RESPONSE_LOST', [{ kind: 'reset', route: 'create', when: 'after' }]],
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
        response: { generatedImages: [{ image: { mimeType: 'image/jpeg' } }] },
      },
    });
    expect(JSON.stringify(error)).not.toContain('imageBytes');
  });

  it('of a refused parameter says which, why, and what to do instead', () => {
    const { images } = setup();
    const start = (): unknown => images.start({ ...lighthouse, config: { negativePrompt: 'people' } });
    expect(start).toThrow(
      expect.toSatisfy((error) => JSON.stringify(error).includes('"parameter":"config.negativePrompt"')) as Error,
    );
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const hostile = {
    toJSON: () => {
      throw new Error('No.');
    },
  };
  const badName = Object.assign(new Error('x'), { name: 10n, message: { jobId: 10n } });
  it.each<[string, unknown, unknown]>([
    ['a string', 'enough', 'enough'],
    ['undefined', undefined, { name: 'AbortError', message: expect.any(String) as string }],
    ['null', null, null],
    ['a bigint', 10n, '10n'],
    ['an object with a bigint', { jobId: 10n }, { jobId: '10n' }],
    ['a circle', circular, { self: '[circular]' }],
    ['an object whose toJSON() throws', hostile, '[object]'],
    ['a function', () => undefined, '() => void 0'],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
    ['an error with strange fields', badName, { name: '10', message: '[object Object]' }],
  ])('never throws, whatever the reason is: %s', async (_, reason, written) => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse);
    await clock.advance(500);
    void operation.cancel(reason);
    const json = JSON.parse(JSON.stringify(await rejection(clock, operation.result()))) as { report: object };
    expect(json.report).toHaveProperty('reason', typeof reason === 'function' ? expect.any(String) : written);
  });
});

describe.each(causes)('%s (%s)', (name, code, faults, options) => {
  async function provoke(): Promise<unknown> {
    const { clock, images } = setup({ emulator: { faults } });
    const controller = new AbortController();
    const config = { abortSignal: controller.signal };
    const result = images.generateImages({ ...lighthouse, config }, options);
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
    expect([Object.hasOwn(error as object, 'name'), Object.hasOwn(error as object, 'code')]).toEqual([true, true]);
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

  it('has the answer of the server as its cause, where there was one', async () => {
    const { cause } = (await provoke()) as Error;
    const status = { REJECTED: 400, NOT_CANCELABLE: 400 }[code];
    if (code === 'ABORT_ERR') expect(cause).toMatchObject({ message: 'my reason' });
    else if (code === 'FAILED') expect(cause).toBeUndefined();
    else expect(cause).toMatchObject({ name: 'RemoteError', status, message: expect.any(String) as string });
  });
});
