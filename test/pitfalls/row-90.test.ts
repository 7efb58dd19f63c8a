import { describe, expect, it } from 'vitest';
import { lighthouse, rejection, setup } from '../support/setup.js';

const circular: { self?: unknown; word: string } = { word: 'round' };
circular.self = circular;

/** Reasons of every kind, and a word by which each can be recognised. */
const reasons: readonly [string, unknown, string][] = [
  ['a BigInt', 10n, '10n'],
  ['a BigInt in an object', { jobId: 10n }, '"jobId":"10n"'],
  ['a circle', circular, 'round'],
  ['an error in an object', { why: new Error('the user left') }, 'the user left'],
  ['a symbol', Symbol('gone'), 'gone'],
  ['a list with a BigInt', [1n, 'two'], 'two'],
  ['an object whose toJSON() throws', { toJSON: () => { throw new Error('no'); } }, '[object]'], // prettier-ignore
];

describe.each(reasons)('#90 %s as the reason', (_, reason, word) => {
  it.each(['cancel', 'signal'] as const)('is kept by identity, and never breaks toJSON(): by %s', async (way) => {
    const { clock, images } = setup({ emulator: { workMs: 60_000 } });
    const controller = new AbortController();
    const operation = images.start(lighthouse, { cancelSignal: controller.signal });
    await clock.advance(1_000);
    if (way === 'cancel') void operation.cancel(reason);
    else controller.abort(reason);
    const error = (await rejection(clock, operation.result())) as Error & { report: { reason: unknown } };
    expect(error.cause).toBe(reason);
    expect(error.report.reason).toBe(reason);
    expect(JSON.stringify(error)).toContain(word);
  });
});
