import fc, { type Arbitrary } from 'fast-check';
import type { OperationOptions } from '../../../src/options.js';

/** How the signals of the caller are given. */
export type Signals = 'none' | 'option' | 'config' | 'both' | 'shared' | 'aborted';

/** What an operation is started with. */
export interface StartOptions {
  readonly options: OperationOptions;
  readonly signals: Signals;
  readonly hasJournal: boolean;
}

const rarely = <T>(value: Arbitrary<T>): Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

/**
 * Options of an operation. Times are short, so that runs are: what takes ten minutes by default is polled for as long
 * by nobody's leave.
 */
const operationOptions: Arbitrary<OperationOptions> = fc.record({
  fallback: rarely(fc.constantFrom('models', 'batches', 'error')),
  salvage: rarely(fc.boolean()),
  salvageTimeoutMs: fc.constantFrom(5_000, 60_000),
  maxConcurrency: rarely(fc.constantFrom(1, 2)),
  timeoutMs: rarely(fc.constantFrom(0, 1_000, 5_000, 30_000)),
  cancelTimeoutMs: fc.constantFrom(8_000, 8_000, 3_000, 500, 20_000),
  submitTimeoutMs: fc.constantFrom(60_000, 10_000, 1_000),
  laterLookMs: rarely(fc.constantFrom(1_000, 30_000)),
  watchFailureMs: fc.constantFrom(60_000, 20_000),
  pollIntervalMs: fc.constantFrom(5_000, undefined),
  onCompletedAnyway: rarely(fc.constantFrom('reject', 'resolve')),
  signals: rarely(fc.constantFrom(false, ['SIGINT'] as const)),
});

export const startOptions: Arbitrary<StartOptions> = fc.record({
  options: operationOptions.map(withoutUndefined),
  signals: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom<Signals[]>('none', 'option', 'config', 'both', 'shared', 'shared') },
    { weight: 1, arbitrary: fc.constant<Signals>('aborted') },
  ),
  hasJournal: fc.constantFrom(true, true, true, false),
});

function withoutUndefined(options: OperationOptions): OperationOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
