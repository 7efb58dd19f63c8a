import fc from 'fast-check';
import { describe, it } from 'vitest';
import { arena, BUDGETS, endOf } from './arena.js';
import { spoiling, wrongInside } from './arbitraries/answer.js';
import type { Trick } from './hostile-server.js';
import { expectSound } from './invariants.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { PROMPT } from './secrets.js';
import { spoil } from './spoil.js';
import { cancelAfterMs, tricksOn } from './tricks.js';

async function survive(tricks: readonly Trick[], cancelAfter?: number): Promise<void> {
  const world = arena(tricks, { client: { limits: { ...BUDGETS.limits, pollMs: 1_000 } } });
  const requests = [{ prompt: PROMPT }, { prompt: 'another one' }];
  const operation = world.images.startBatch(requests, { model: 'gemini-3.1-flash-image' });
  expectSound(world, await endOf(world, operation, cancelAfter));
}

describe('a batch of the Gemini API', () => {
  watchTheRealm();

  it(
    'survives results that are wrong inside',
    () =>
      fc.assert(
        fc.asyncProperty(wrongInside, (answer) =>
          survive([{ route: 'batch-get', skip: 2, times: Infinity, play: (truth) => spoil(truth, answer) }]),
        ),
        runs(60),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'survives whatever its creates, reads, cancels and lists are answered',
    () =>
      fc.assert(
        fc.asyncProperty(
          tricksOn(
            ['batch-create', 'batch-create', 'batch-get', 'batch-list', 'batch-cancel'],
            fc.oneof(spoiling, wrongInside),
          ),
          cancelAfterMs,
          survive,
        ),
        runs(100),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});
