import { expect, it } from 'vitest';
import { memoryJournal, type Journal } from '../../src/index.js';
import { inDoubtOf, parseRecord } from '../../src/journal/record.js';
import type { MemoryJournalEntry } from '../../src/journal/memory.js';
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

it('a write that is carried out late puts nothing in the place of the record of a create', async () => {
  const clock = createVirtualClock();
  const entries = new Map<string, MemoryJournalEntry>();
  const store = memoryJournal({ clock, entries });
  let writes = 0;
  const write: Journal['write'] = async (...args) => {
    // The first one is on its way for longer than anybody waits for it.
    if (++writes === 1) await new Promise<void>((resolve) => clock.setTimeout(resolve, 25_000));
    return store.write(...args);
  };
  const { emulator, images } = setup({
    client: { clock, journal: { ...store, write } },
    emulator: { clock, workMs: 1_000, faults: [{ kind: 'delay', route: 'generateContent', ms: 60_000, skip: 1 }] },
  });
  const options = { backend: 'models', maxConcurrency: 1 } as const;
  const operation = images.start({ ...lighthouse, config: { numberOfImages: 3 } }, options);
  operation.on('warning', () => undefined);
  for (let second = 1; second <= 40; second++) {
    await clock.advance(1_000);
    const recorded = [...entries.values()].flatMap(({ text }) => inDoubtOf(parseRecord(text).jobs));
    const running = operation.jobs.filter(({ state }) => state === 'running');
    expect(
      recorded.map(({ index }) => index),
      `recorded after ${second} s`,
    ).toEqual(expect.arrayContaining(running.map(({ index }) => index)));
  }
  expect(emulator.meter.requestsTo('generateContent')).toHaveLength(2);
});
