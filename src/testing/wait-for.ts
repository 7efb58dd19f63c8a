import type { Meter, MeterBook } from './meter.js';

/** Resolves when the predicate is true of the meter, which is looked at now and after every change. */
export function waitFor(
  meter: MeterBook,
  predicate: (meter: Meter) => boolean,
  signal: AbortSignal | undefined,
): Promise<Meter> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      unwatch();
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const onAbort = (): void => fail(signal?.reason as Error);
    const look = (): void => {
      try {
        if (predicate(meter)) settle(() => resolve(meter));
      } catch (error) {
        fail(error as Error);
      }
    };
    const unwatch = meter.watch(look);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    else look();
  });
}
