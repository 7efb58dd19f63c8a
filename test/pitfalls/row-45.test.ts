import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { resolution } from '../support/setup.js';
import { batches, startWith } from './support.js';

const unanswered: readonly Fault[] = [
  { kind: 'hang', route: 'batch-create', when: 'after' },
  { kind: 'delay', route: 'batch-create', ms: 50_000, when: 'after' },
];

it.each(unanswered)('#45 a create that is not answered in time ($kind) is looked for', async (fault) => {
  const { clock, emulator, operation } = startWith([fault], { way: batches, limits: { submitMs: 5_000 } });
  const startedAt = clock.now();
  await resolution(clock, operation.submitted());
  expect(clock.now() - startedAt).toBe(5_000);
  expect(operation.jobs[0]?.name).toBe(emulator.meter.jobs[0]?.name);
  expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
  expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1);
});

it.each(unanswered)('#45 a create that is not answered when the cancel comes ($kind) is looked for', async (fault) => {
  const { clock, emulator, operation } = startWith([fault], { way: batches });
  await clock.advance(500);
  const report = await resolution(clock, operation.cancel());
  const name = emulator.meter.jobs[0]?.name;
  expect(report).toMatchObject({ outcome: 'cancelled', jobs: [{ name, cancelRequests: 1 }], leftovers: [] });
  await clock.advance(120_000);
  expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
});

it('#45 a create that is not answered when its timeout comes is looked for', async () => {
  const { clock, emulator, operation } = startWith(unanswered.slice(0, 1), { way: batches, timeoutMs: 1_000 });
  await clock.advance(12_000);
  expect(operation.state).toBe('cancelled');
  expect(emulator.meter.jobs[0]?.endReason).toBe('cancelled');
});
