import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';
import { lostBatch } from './support.js';

const { model } = lighthouse;

/** Loses a batch, which so many others come before in the list. */
async function loseBehind(others: number, ...faults: readonly Fault[]) {
  const all: Setup = setup({ emulator: { faults: [lostBatch, { kind: 'list-lag', ms: 500, job: 0 }, ...faults] } });
  const { ai, clock, images } = all;
  const operation = images.startBatch([{ prompt: 'a fox' }], { model });
  await clock.settle();
  const src = [{ contents: 'x', config: {} }];
  const newer = Array.from({ length: others }, () =>
    ai.batches.create({ model, src, config: { displayName: 'mine' } }),
  );
  await resolution(clock, Promise.all(newer));
  return { ...all, operation };
}

/** Of a list that was read to its end: so many pages. */
const pages = (others: number): number => Math.floor(others / 100) + 1;

it.each([99, 100, 650])('#44 a list that is read in part: a batch behind %i others is found', async (others) => {
  const { clock, emulator, operation } = await loseBehind(others);
  await resolution(clock, operation.submitted());
  expect(operation.jobs[0]?.name).toBe(emulator.meter.jobs[0]?.name);
  expect(emulator.meter.requestsTo('batch-list').length).toBeGreaterThanOrEqual(pages(others));
  expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1 + others);
});

it.each<Fault>([
  { kind: 'status', route: 'batch-list', status: 500, skip: 4, times: 1 },
  { kind: 'reset', route: 'batch-list', skip: 5, times: 1 },
  { kind: 'garbage', route: 'batch-list', skip: 4, times: 1 },
])('#44 a list that is read in part ($kind) proves nothing: the next look finds the batch', async (fault) => {
  const { clock, emulator, operation } = await loseBehind(250, fault);
  await resolution(clock, operation.submitted());
  expect(operation.jobs[0]?.name).toBe(emulator.meter.jobs[0]?.name);
  expect(emulator.meter.requestsTo('batch-create')).toHaveLength(251);
});

it('#44 a list whose last page is never to be had: nothing is created again, and the display name is told', async () => {
  const fault: Fault = { kind: 'status', route: 'batch-list', status: 500, skip: 1 };
  const { clock, emulator, operation } = await loseBehind(150, fault);
  expect(await rejection(clock, operation.result())).toMatchObject({
    code: 'RESPONSE_LOST',
    message: expect.stringContaining(operation.jobs[0]?.displayName ?? 'none') as string,
  });
  expect(emulator.meter.requestsTo('batch-create')).toHaveLength(151);
});
