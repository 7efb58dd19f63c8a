import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import type { OperationOptions } from '../../src/index.js';
import { lighthouse, resolution, setup, type Setup } from '../support/setup.js';

/** Returns the types of all events of an operation that is cancelled before its create is answered. */
async function eventsOf(
  faults: readonly Fault[],
  options: OperationOptions = {},
): Promise<{ types: string[] } & Setup> {
  const all = setup({ emulator: { faults, workMs: 600_000 } });
  const operation = all.images.start(lighthouse, options);
  const types: string[] = [];
  const iterating = (async () => {
    for await (const { type } of operation.events()) types.push(type);
  })();
  await all.clock.advance(100);
  await resolution(all.clock, operation.cancel());
  await resolution(all.clock, iterating);
  return { ...all, types };
}

const slowCreate: Fault = { kind: 'delay', route: 'create', ms: 30_000 };

describe('events() after the end', () => {
  it('brings the warning about a late name, and ends after it', async () => {
    expect((await eventsOf([slowCreate])).types).toEqual(['state', 'cancelling', 'state', 'settled', 'warning']);
  });

  it('waits for the cancel of a late name that cannot be confirmed', async () => {
    const { types } = await eventsOf([slowCreate, { kind: 'hang', route: 'cancel' }, { kind: 'hang', route: 'get' }]);
    expect(types.at(-1)).toBe('warning');
  });

  it('brings the warning about a batch that is found in the list after the end', async () => {
    const faults: Fault[] = [
      { kind: 'reset', route: 'batch-create', when: 'after', times: 1 },
      { kind: 'list-lag', ms: 20_000 },
    ];
    const { clock, emulator, types } = await eventsOf(faults, { backend: 'batches' });
    expect(types.slice(-2)).toEqual(['settled', 'warning']);
    expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
    expect(emulator.meter.running()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
