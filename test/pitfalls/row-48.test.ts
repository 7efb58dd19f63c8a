import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { resolution } from '../support/setup.js';
import { setupVertex } from '../google/batches/vertex-setup.js';

const refused = (status: number, times?: number): Fault => ({
  kind: 'status',
  route: 'batch-cancel',
  status,
  ...(times === undefined ? {} : { times }),
});

it.each([
  [400, 1, [0, 1_000]],
  [400, 2, [0, 1_000, 3_000]],
  [400, 3, [0, 1_000, 3_000, 7_000]],
  [404, 2, [0, 1_000, 3_000]],
  [409, 1, [0, 1_000]],
] as const)(
  '#48 a cancel of a batch on Vertex that is refused is sent again (%i, %i times)',
  async (status, times, at) => {
    const { clock, emulator, startRows } = setupVertex({ workMs: 600_000, faults: [refused(status, times)] });
    const operation = startRows(3);
    operation.on('warning', () => undefined);
    await clock.advance(5_000);
    const startedAt = clock.now();
    const report = await resolution(clock, operation.cancel());
    expect(emulator.meter.requestsTo('batch-cancel').map((request) => request.at - startedAt)).toEqual(at);
    expect(report.jobs[0]?.cancelRequests).toBe(at.length);
    expect(report.outcome).not.toBe('unconfirmed');
  },
);

it.each([401, 402])('#48 a cancel that is answered %i is not sent again', async (status) => {
  const { clock, emulator, startRows } = setupVertex({ workMs: 600_000, faults: [refused(status)] });
  const operation = startRows(1);
  operation.on('warning', () => undefined);
  await clock.advance(5_000);
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
  expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
});

it('#48 a cancel that was acknowledged is not sent again on Vertex', async () => {
  const ignored: Fault = { kind: 'cancel-ignored', route: 'batch-cancel' };
  const { clock, emulator, startRows } = setupVertex({ workMs: 600_000, faults: [ignored] });
  const operation = startRows(1);
  operation.on('warning', () => undefined);
  await clock.advance(5_000);
  await resolution(clock, operation.cancel());
  expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
});
