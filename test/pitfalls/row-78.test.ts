import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OperationOptions } from '../../src/index.js';
import { cancelable } from '../../src/node.js';
import { lighthouse, rejection, setup } from '../support/setup.js';

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
afterEach(() => void vi.restoreAllMocks());

const ways: readonly (readonly [string, OperationOptions])[] = [
  ['requireCancelable', { requireCancelable: true }],
  ["backend: 'interactions'", { backend: 'interactions' }],
  ["requireCancelable and backend: 'models'", { requireCancelable: true, backend: 'models' }],
];

/** The error as the first call meets it, and as one meets it that knows of the refusal. */
const turns = ['first', 'second'] as const;
const cases = ways.flatMap(([name, options]) => turns.map((turn) => ({ name, options, turn })));

describe('#78 the error about a model that cannot be cancelled', () => {
  it.each(cases)(
    '#78 the error about a model that cannot be cancelled: names what can be done, by $name, the $turn time',
    async ({ options, turn }) => {
      const { ai, clock } = setup({ emulator: { background: 'refused' } });
      const images = cancelable(ai, { clock });
      const attempt = (): Promise<unknown> => rejection(clock, images.generateImages(lighthouse, options));
      if (turn === 'second') await attempt();
      const error = (await attempt()) as Error;
      expect(error).toMatchObject({ name: 'NotStartedError', code: 'NOT_CANCELABLE' });
      expect(error.message).toContain("backend: 'batches'");
      expect(error.message).toContain("backend: 'models'");
      expect(error.message).not.toMatch(/a model that/);
    },
  );

  it('#78 the warning about a model that cannot be cancelled names what can be done, too', async () => {
    const { ai, clock } = setup({ emulator: { background: 'refused' } });
    const warnings: string[] = [];
    const operation = cancelable(ai, { clock }).start(lighthouse);
    operation.on('warning', ({ message }) => warnings.push(message));
    await clock.advance(60_000);
    expect(warnings).toEqual([
      expect.stringMatching(/`maxConcurrency`.*`onImage`.*`requireCancelable: true`.*`backend: 'batches'`/),
    ]);
  });
});
