import { describe, expect, it } from 'vitest';
import { memoryJournal, type CancelableImages, type Journal } from '../../src/index.js';
import { createVirtualClock, type Fault, type VirtualClock } from '../../src/testing/index.js';
import { createHoldingClock, type HoldingClock } from '../support/holding-clock.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

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
    expect(isHeld()).toBe(false);
    await virtual.advance(120_000);
    expect(pending()).toBe(0);
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

  it('while a cancel after the end asks the server', async () => {
    const unreadable = ['stream', 'get'].map((route) => ({ kind: 'status', route, status: 500 }) as Fault);
    const { virtual, images, isHeld } = setupHeld([...unreadable, { kind: 'hang', route: 'cancel' }]);
    const operation = images.start(lighthouse, { limits: { watchMs: 1_000 } });
    operation.on('warning', () => undefined);
    await rejection(virtual, operation.result());
    expect([operation.state, isHeld()]).toEqual(['abandoned', false]);
    const cancelling = operation.cancel();
    expect(isHeld()).toBe(true);
    expect(await resolution(virtual, cancelling)).toMatchObject({ outcome: 'unconfirmed' });
    expect(isHeld()).toBe(false);
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

  it('but not once it has settled, whoever listens: a late name is not worth that', async () => {
    const { virtual, images, isHeld, pending } = setupHeld([{ kind: 'delay', route: 'create', ms: 30_000 }]);
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    await virtual.advance(100);
    expect(await resolution(virtual, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
    expect([isHeld(), pending() > 0]).toEqual([false, true]);
    await virtual.advance(30_000);
    expect([warnings, isHeld()]).toEqual([['image-not-handed-over'], false]);
  });

  it('nor once it is abandoned, until somebody cancels it and waits for the report', async () => {
    const { virtual, images, isHeld } = setupHeld([
      { kind: 'status', route: 'stream', status: 500 },
      { kind: 'status', route: 'get', status: 500 },
      { kind: 'hang', route: 'cancel' },
      { kind: 'end', status: 'pondering' },
    ]);
    const operation = images.start(lighthouse, { limits: { watchMs: 30_000 } });
    operation.on('warning', () => undefined);
    await rejection(virtual, operation.result());
    expect([operation.state, isHeld()]).toEqual(['abandoned', false]);
    const report = operation.cancel();
    expect(isHeld()).toBe(true);
    expect(await resolution(virtual, report)).toMatchObject({ outcome: 'unconfirmed' });
    expect(isHeld()).toBe(false);
  });
});
