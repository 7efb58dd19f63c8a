import type fc from 'fast-check';

/** `npm test` always feeds the same answers, so that it fails for what was changed only; with HOSTILE_RUNS, new ones each time. */
const SEED = 5;

const { HOSTILE_RUNS, HOSTILE_SEED } = process.env;
const isLong = HOSTILE_RUNS !== undefined;

/** How long a test with a property may take, in ms. */
export const PROPERTY_TIMEOUT_MS = isLong ? 24 * 3_600_000 : 60_000;

/** Parameters of a property: HOSTILE_RUNS says how many runs each has, HOSTILE_SEED repeats those of a failure. */
export function runs<T>(numRuns: number): fc.Parameters<T> {
  const seed = HOSTILE_SEED === undefined ? (isLong ? undefined : SEED) : Number(HOSTILE_SEED);
  return { numRuns: isLong ? Number(HOSTILE_RUNS) : numRuns, ...(seed === undefined ? {} : { seed }) };
}
