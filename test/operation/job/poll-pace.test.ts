import { expect, it } from 'vitest';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, resolution, setup } from '../../support/setup.js';

const noStream: Fault = { kind: 'status', route: 'stream', status: 404 };

interface Watched {
  /** In ms since the start. */
  readonly reads: readonly number[];
  readonly lateMs: number;
}

/** The reads of one job after another, and how late each image is seen. */
async function watched(
  count: number,
  workMs: number,
  faults: Fault[] = [noStream],
  pollMs?: number,
): Promise<Watched[]> {
  const { clock, emulator, images } = setup({ emulator: { faults, workMs, queueMs: 0 } });
  const seen: Watched[] = [];
  while (seen.length < count) {
    const startedAt = clock.now();
    const before = emulator.meter.requestsTo('get').length;
    await resolution(clock, images.generateImages(lighthouse, { limits: { pollMs } }));
    const reads = emulator.meter.requestsTo('get').slice(before);
    seen.push({ reads: reads.map(({ at }) => at - startedAt), lateMs: clock.now() - startedAt - workMs });
  }
  return seen;
}

it('reads after 250, 500 and 1,000 ms, and then every two seconds, less up to a tenth', async () => {
  const [first] = await watched(1, 20_000);
  const reads = first?.reads ?? [];
  expect(reads.slice(0, 3)).toEqual([250, 500, 1_000]);
  const gaps = reads.slice(3).map((at, index) => at - (reads[index + 2] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_800);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2_000);
});

it.each([300, 1_000, 4_000, 8_000, 20_000, 60_000])(
  'sees the end in time after one job of the model that took %i ms, with few reads',
  async (ms) => {
    const [, ...later] = await watched(4, ms);
    for (const { lateMs, reads } of later) {
      expect(lateMs).toBeLessThanOrEqual(Math.max(300, 0.05 * ms));
      expect(reads.length).toBeLessThanOrEqual(Math.max(12, ms / 1_800));
    }
  },
);

it('never waits longer than `limits.pollMs`', async () => {
  for (const { reads } of await watched(2, 20_000, [noStream], 700)) {
    const gaps = reads.map((at, index) => at - (reads[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(700);
  }
});

it('waits as long as the server asks that refuses a read', async () => {
  const busy: Fault = { kind: 'status', route: 'get', status: 429, retryDelayMs: 7_000, times: 1 };
  const [job] = await watched(1, 20_000, [noStream, busy]);
  expect(job?.reads.slice(0, 2)).toEqual([250, 7_250]);
});

it('and sends no read in that time where it refuses a stream', async () => {
  const busy: Fault = { kind: 'status', route: 'stream', status: 429, retryDelayMs: 7_000, times: 1 };
  const [job] = await watched(1, 20_000, [busy, { ...noStream, fromMs: 1_000 }]);
  expect(job?.reads[0]).toBeGreaterThanOrEqual(7_000);
});
