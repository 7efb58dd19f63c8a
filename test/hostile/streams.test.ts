import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arena, BUDGETS, endOf, type Arena, type Ending } from './arena.js';
import { spoiling } from './arbitraries/answer.js';
import { endlessPiece, falseEvents, reshaping } from './arbitraries/stream.js';
import type { Trick } from './hostile-server.js';
import { expectSound } from './invariants.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { PROMPT } from './secrets.js';
import { spoil } from './spoil.js';
import { endless, endlessOn, reshaped, streamOf } from './spoil-stream.js';

const onStreams = (play: Trick['play'], times = Infinity): Trick => ({ route: 'stream', skip: 0, times, play });

const cancelAfterMs = fc.option(fc.constantFrom(50, 900), { nil: undefined });

async function watchThrough(tricks: readonly Trick[], cancelAfter?: number): Promise<{ world: Arena; ending: Ending }> {
  const world = arena(tricks);
  const operation = world.images.start({ model: 'gemini-3.1-flash-image', prompt: PROMPT });
  const ending = await endOf(world, operation, cancelAfter);
  expectSound(world, ending);
  return { world, ending };
}

describe('a status stream', () => {
  watchTheRealm();

  it(
    'says the same however its events are put into bytes',
    () =>
      fc.assert(
        fc.asyncProperty(reshaping, async (how) => {
          const { world, ending } = await watchThrough([onStreams((truth) => reshaped(truth, how))]);
          expect(ending.error).toBeUndefined();
          // All of it was in the one stream: nothing had to be read beside it.
          expect(world.server.served.map(({ route }) => route)).toEqual(['create', 'stream']);
        }),
        runs(12),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'may tell anything: an end that it makes up is an end, and nothing else ends the watch',
    () =>
      fc.assert(
        fc.asyncProperty(
          falseEvents,
          fc.constantFrom(1, 3, Infinity),
          cancelAfterMs,
          async (events, times, cancelAfter) => {
            await watchThrough([onStreams(() => streamOf(events), times)], cancelAfter);
          },
        ),
        runs(70),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'may be answered by anything else',
    () =>
      fc.assert(
        fc.asyncProperty(
          spoiling,
          fc.constantFrom(1, 3, Infinity),
          cancelAfterMs,
          async (answer, times, cancelAfter) => {
            const { ending } = await watchThrough([onStreams((truth) => spoil(truth, answer), times)], cancelAfter);
            if (cancelAfter === undefined && answer.body.kind !== 'edited') expect(ending.error).toBeUndefined();
          },
        ),
        runs(12),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'may go on for ever: the status is read beside it, and the server is not asked in a hot loop',
    () =>
      fc.assert(
        fc.asyncProperty(endlessPiece, fc.constantFrom(1, 50, 2_000), async (piece, perTurn) => {
          const { world, ending } = await watchThrough([onStreams(() => endless(piece, perTurn))]);
          expect(ending.error).toBeUndefined();
          expectPatience(world);
        }),
        runs(26),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it('may tell every second what says nothing of the job: its status is read', async () => {
    const world: Arena = arena([onStreams(() => endlessOn(world.clock, 1_000))]);
    const ending = await endOf(world, world.images.start({ model: 'gemini-3.1-flash-image', prompt: PROMPT }));
    expect(ending.error).toBeUndefined();
    expectPatience(world);
  });

  it(
    'may go on for ever beside a job that does not end: the time-out stops it',
    () =>
      fc.assert(
        fc.asyncProperty(endlessPiece, fc.constantFrom(1, 500), async (piece, perTurn) => {
          const running = (truth: Response): Promise<Response> =>
            spoil(truth, {
              body: { kind: 'replaced', text: '{"id":"x","status":"in_progress"}' },
              bom: false,
              headers: {},
            });
          const tricks = [onStreams(() => endless(piece, perTurn)), { ...onStreams(running), route: 'get' as const }];
          const { world, ending } = await watchThrough(tricks);
          expect(ending.error).toMatchObject({ report: { trigger: 'timeout', outcome: 'unconfirmed' } });
          expectPatience(world);
        }),
        runs(10),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

/** Not more often than by polling, and a few times at the beginning. */
function expectPatience({ clock, server }: Arena): void {
  const seconds = (clock.now() - Date.UTC(2026, 0, 1)) / 1_000;
  const asked = server.served.filter(({ route }) => route === 'stream' || route === 'get').length;
  const whileStopping = BUDGETS.cancelTimeoutMs / 500;
  expect(asked).toBeLessThan(12 + seconds + whileStopping);
}
