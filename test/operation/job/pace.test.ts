import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fault, Route } from '../../../src/testing/index.js';
import { lighthouse, resolution, setup } from '../../support/setup.js';

const noStream: Fault = { kind: 'status', route: 'stream', status: 404 };
const endless: Fault = { kind: 'end', status: 'pondering' };

/** When these requests were sent after a cancel, in ms, until its report. */
async function paceOf(route: Route, ...faults: Fault[]): Promise<number[]> {
  const { clock, emulator, images } = setup({
    emulator: { faults: [noStream, ...faults] },
    client: { limits: { pollMs: 60_000 } },
  });
  const operation = images.start(lighthouse);
  operation.on('warning', () => undefined);
  // The first reads of a job are over.
  await clock.advance(1_100);
  const stoppedAt = clock.now();
  await resolution(clock, operation.cancel());
  const times = emulator.meter.requestsTo(route).map(({ at }) => at - stoppedAt);
  return times.filter((ms) => ms >= 0);
}

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the pace of a cancel', () => {
  it('gives each try of the call two seconds, and then waits longer each time', async () => {
    expect(await paceOf('cancel', { kind: 'hang', route: 'cancel', when: 'before' }, endless)).toEqual([
      0, 2_250, 4_750, 7_750,
    ]);
  });

  it('tries at most two seconds later what cannot be answered now', async () => {
    expect(await paceOf('cancel', { kind: 'status', route: 'cancel', status: 503 }, endless)).toEqual([
      0, 250, 750, 1_750, 3_750, 5_750, 7_750,
    ]);
  });

  it.each([400, 403, 404, 409, 302])('asks again after 1, 2 and 4 s what was refused by a %i', async (status) => {
    expect(await paceOf('cancel', { kind: 'status', route: 'cancel', status }, endless)).toEqual([
      0, 1_000, 3_000, 7_000,
    ]);
  });

  it.each([401, 402, 410])('asks no more after a %i', async (status) => {
    expect(await paceOf('cancel', { kind: 'status', route: 'cancel', status }, endless)).toEqual([0]);
  });

  it('asks twice what was acknowledged', async () => {
    expect(await paceOf('cancel', { kind: 'cancel-ignored', route: 'cancel' }, endless)).toEqual([0, 2_000]);
  });

  it('reads the status at once after the answer, and then less often', async () => {
    expect(await paceOf('get', { kind: 'cancel-ignored', route: 'cancel' }, endless)).toEqual([
      0, 100, 350, 850, 1_850, 2_850, 3_850, 4_850, 5_850, 6_850, 7_850,
    ]);
  });

  it('reads it after a second where there is no answer', async () => {
    const [first] = await paceOf('get', { kind: 'hang', route: 'cancel', when: 'before' });
    expect(first).toBe(1_000);
  });

  it('gives each read three seconds', async () => {
    const hang: Fault = { kind: 'hang', route: 'get', skip: 3 };
    expect(await paceOf('get', { kind: 'cancel-ignored', route: 'cancel' }, hang, endless)).toEqual([0, 3_100, 6_350]);
  });
});
