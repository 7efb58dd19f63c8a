import fc from 'fast-check';
import type { Route } from '../../src/testing/routes.js';
import type { Spoiling } from './arbitraries/answer.js';
import type { Trick } from './hostile-server.js';
import { spoil } from './spoil.js';

/** One route, some of whose answers are spoilt. */
export function trickOn(routes: readonly Route[], spoiling: fc.Arbitrary<Spoiling>): fc.Arbitrary<Trick> {
  return fc
    .record({
      route: fc.constantFrom(...routes),
      skip: fc.nat(2),
      times: fc.constantFrom(1, 2, Infinity),
      answer: spoiling,
    })
    .map(({ route, skip, times, answer }) => ({
      route,
      skip,
      times,
      play: (truth: Response) => spoil(truth, answer),
      toString: () => JSON.stringify({ route, skip, times, answer }),
    }));
}

/** Several of them. */
export function tricksOn(routes: readonly Route[], spoiling: fc.Arbitrary<Spoiling>): fc.Arbitrary<readonly Trick[]> {
  return fc.array(trickOn(routes, spoiling), { minLength: 1, maxLength: 4 });
}

/** When the operation is cancelled, in ms after its start; `undefined` for not at all. */
export const cancelAfterMs: fc.Arbitrary<number | undefined> = fc.option(fc.constantFrom(0, 50, 900, 1_500), {
  nil: undefined,
});
