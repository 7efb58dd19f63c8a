import { expect, it } from 'vitest';
import { memoryJournal } from '../../src/index.js';
import { createVirtualClock } from '../../src/testing/index.js';
import { lighthouse, resolution, setup } from '../support/setup.js';

it.each(['write', 'renew'] as const)('a store whose %s() hangs does not hold up a cancel', async (method) => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const store = memoryJournal({ clock: createVirtualClock() });
  let isHanging = false;
  const journal = { ...store, [method]: (...args: never) => (isHanging ? never() : store[method](...(args as [never, never]))) }; // prettier-ignore
  const { clock, images } = setup({ client: { journal }, emulator: { workMs: 600_000 } });
  const operation = images.start(lighthouse);
  operation.on('warning', () => undefined);
  await clock.advance(1_000);
  isHanging = true;
  // The lease has run out: whether another process has the operation can only be asked there.
  await clock.advance(store.leaseMs + 10_000);
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
});
