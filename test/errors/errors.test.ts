import { describe, expect, it } from 'vitest';
import { inspect } from 'node:util';
import { GenaiCancelError } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, setup } from '../support/setup.js';

const causes: [string, readonly Fault[]][] = [
  ['SubmitRejectedError', [{ kind: 'status', route: 'create', status: 400, message: 'No.' }]],
  ['SubmitUnknownError', [{ kind: 'reset', route: 'create', when: 'after' }]],
  ['BackgroundUnsupportedError', [{ kind: 'background-refused', route: 'create' }]],
  ['OperationFailedError', [{ kind: 'fail', message: 'out of paint' }]],
  ['AbortError', []],
];

describe.each(causes)('%s', (name, faults) => {
  async function provoke(): Promise<unknown> {
    const { clock, images } = setup({ emulator: { faults } });
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
    expect(error).toMatchObject({ name, code: expect.stringMatching(/^(ERR_[A-Z_]+|ABORT_ERR)$/) as string });
    expect(error).toMatchObject({ jobs: [{ index: 0, backend: 'interactions' }] });
  });

  it('survives JSON.stringify', async () => {
    const error = (await provoke()) as Error;
    const json = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
    expect(json).toMatchObject({ name, message: error.message, jobs: [{ index: 0 }] });
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
