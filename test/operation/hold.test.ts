import { describe, expect, it } from 'vitest';
import { memoryJournal, type CancelableImages, type Journal } from '../../src/index.js';
import { createVirtualClock, type Fault, type VirtualClock } from '../../src/testing/index.js';
import { createHoldingClock, type HoldingClock } from '../support/holding-clock.js';
import { lighthouse, resolution, setup } from '../support/setup.js';

interface Held extends HoldingClock {
  readonly virtual: VirtualClock;
  readonly images: CancelableImages;
}

function setupHeld(faults: Fault[] = [], journalOf?: (virtual: VirtualClock) => Journal): Held {
  const virtual = createVirtualClock();
  const holding = createHoldingClock(virtual);
  const client = { clock: holding.clock, ...(journalOf === undefined ? {} : { journal: journalOf(virtual) }) };
  const { images } = setup({ emulator: { clock: virtual, faults }, client });
  return { ...holding, virtual, images };
}

/** One that takes a second for every write. */
function slowJournal(clock: VirtualClock): Journal {
  const journal = memoryJournal({ clock });
  return {
    ...journal,
    async write(...given) {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 1_000));
      return journal.write(...given);
    },
  };
}

describe('an operation that nobody waits for holds the process', () => {
  it('while one of its creates is not answered, since nobody could find that job again', async () => {
    const { virtual, images, isHeld, pending } = setupHeld([{ kind: 'hang', route: 'create', times: 1 }]);
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    await virtual.advance(1_000);
    expect(operation.jobs.map(({ state }) => state)).toEqual(['submitting', 'running']);
    expect(isHeld()).toBe(true);
    await virtual.advance(119_000);
    expect(operation.jobs.map(({ state }) => state)).toEqual(['unknown', 'succeeded']);
    expect([isHeld(), pending()]).toEqual([false, 0]);
  });

  it('while its journal is being written', async () => {
    const { virtual, images, isHeld, pending } = setupHeld([], slowJournal);
    const operation = images.start(lighthouse);
    await virtual.advance(600);
    expect([operation.jobs[0]?.state, operation.jobs[0]?.name]).toEqual(['running', expect.any(String)]);
    expect(isHeld()).toBe(true);
    await virtual.advance(1_000);
    expect([isHeld(), pending() > 0]).toEqual([false, true]);
  });

  it('while somebody listens', async () => {
    const { virtual, images, isHeld, pending } = setupHeld();
    const operation = images.start(lighthouse);
    await virtual.advance(1_000);
    expect([isHeld(), pending() > 0]).toEqual([false, true]);
    const off = operation.on('image', () => undefined);
    expect(isHeld()).toBe(true);
    off();
    expect(isHeld()).toBe(false);
  });

  it('but not once it is over, whoever listens: the twin that may turn up is not worth that', async () => {
    const { virtual, images, isHeld, pending } = setupHeld([
      { kind: 'reset', route: 'batch-create', when: 'before', times: 1 },
    ]);
    const operation = images.startBatch([{ prompt: 'a' }], { model: lighthouse.model });
    operation.on('warning', () => undefined);
    await resolution(virtual, operation.result());
    expect([isHeld(), pending() > 0]).toEqual([false, true]);
  });
});
