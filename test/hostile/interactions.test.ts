import fc from 'fast-check';
import { describe, it } from 'vitest';
import { arena, endOf } from './arena.js';
import { spoiling, wrongInside } from './arbitraries/answer.js';
import type { Trick } from './hostile-server.js';
import { expectSound } from './invariants.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { PROMPT } from './secrets.js';
import { spoil } from './spoil.js';
import { cancelAfterMs, tricksOn } from './tricks.js';

async function survive(tricks: readonly Trick[], numberOfImages: number, cancelAfter?: number): Promise<void> {
  const world = arena(tricks);
  const operation = world.images.start({
    model: 'gemini-3.1-flash-image',
    prompt: PROMPT,
    config: { numberOfImages },
  });
  expectSound(world, await endOf(world, operation, cancelAfter));
}

describe('an operation of interactions', () => {
  watchTheRealm();

  it(
    'survives creates whose answer is wrong inside',
    () =>
      fc.assert(
        fc.asyncProperty(wrongInside, cancelAfterMs, (answer, cancelAfter) =>
          survive([{ route: 'create', skip: 0, times: 1, play: (truth) => spoil(truth, answer) }], 1, cancelAfter),
        ),
        runs(120),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'survives whatever its creates, reads and cancels are answered',
    () =>
      fc.assert(
        fc.asyncProperty(
          tricksOn(['create', 'get', 'stream', 'cancel'], fc.oneof(spoiling, wrongInside)),
          fc.integer({ min: 1, max: 2 }),
          cancelAfterMs,
          survive,
        ),
        runs(150),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});
