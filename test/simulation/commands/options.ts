import fc, { type Arbitrary } from 'fast-check';
import { caller, type Caller } from '../world/caller.js';
import type { Limits, OperationOptions } from '../../../src/api/options.js';

/** How the signals of the caller are given. */
export type Signals = 'none' | 'option' | 'config' | 'both' | 'shared' | 'foreign' | 'aborted';

/** The options of a start, and how its caller behaves. */
export interface StartOptions {
  readonly options: OperationOptions;
  readonly signals: Signals;
  readonly hasJournal: boolean;
  readonly caller: Caller;
  /** It is started by `generateImages()`, where that is possible. */
  readonly isDropIn: boolean;
}

/** `weight`: how often it is left out, for once that it is given. */
const rarely = <T>(value: Arbitrary<T>, weight = 3): Arbitrary<T | undefined> =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

/** Times are short, so that runs are: a watch of ten minutes, the default, would be polled for that long. */
const limits: Arbitrary<Limits> = fc.record({
  submitMs: fc.constantFrom(60_000, 10_000, 1_000),
  watchMs: fc.constantFrom(60_000, 20_000),
  pollMs: fc.constantFrom(5_000, undefined),
  salvageMs: fc.constantFrom(5_000, 60_000),
  shutdownMs: fc.constantFrom(8_000, 1_000, undefined),
});

const operationOptions: Arbitrary<OperationOptions> = fc.record({
  requireCancelable: rarely(fc.constant(true), 9),
  maxConcurrency: rarely(fc.constantFrom(1, 2)),
  timeoutMs: rarely(fc.constantFrom(1, 1_000, 5_000, 30_000)),
  cancelTimeoutMs: fc.constantFrom(8_000, 8_000, 3_000, 500, 20_000),
  signals: rarely(fc.constantFrom<(false | readonly ['SIGINT'])[]>(false, ['SIGINT'])),
  limits: limits.map(withoutUndefined),
});

export const startOptions: Arbitrary<StartOptions> = fc.record({
  options: operationOptions.map(withoutUndefined),
  signals: fc.oneof(
    {
      weight: 12,
      arbitrary: fc.constantFrom<Signals[]>('none', 'option', 'config', 'both', 'shared', 'shared', 'foreign'),
    },
    { weight: 1, arbitrary: fc.constant<Signals>('aborted') },
  ),
  hasJournal: fc.constantFrom(true, true, true, false),
  caller,
  isDropIn: fc.constantFrom(false, false, false, false, true),
});

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
