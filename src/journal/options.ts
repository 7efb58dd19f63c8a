import { expected } from '../expected.js';

/** Long enough for a process that is busy, short enough for whoever waits to take its jobs over. */
export const DEFAULT_LEASE_MS = 30_000;

const methods = ['add', 'write', 'renew', 'release', 'remove', 'list', 'claim'] as const;

/** Throws unless `value` is left out, `false`, or has the methods of a `Journal`. */
export function expectJournal(name: string, value: unknown): void {
  if (value === undefined || value === false) return;
  const journal = Object(value) as Record<string, unknown>;
  const isComplete = methods.every((method) => typeof journal[method] === 'function');
  if (isComplete && typeof journal['leaseMs'] === 'number' && journal['leaseMs'] > 0) return;
  throw new TypeError(
    expected(name, `a Journal, with leaseMs, ${methods.map((method) => `${method}()`).join(', ')}`, value),
  );
}
