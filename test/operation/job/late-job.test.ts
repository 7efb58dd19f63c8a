import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/testing/index.js';
import { createMachine } from '../../support/machine.js';
import { lighthouse, resolution, setup, type Setup } from '../../support/setup.js';

/** An operation that has been stopped, and has given its report, before its create is answered; and what it warns of. */
async function stoppedBeforeItsName(...faults: Fault[]): Promise<Setup & { warnings: string[]; name: () => string }> {
  const delay: Fault = { kind: 'delay', route: 'create', ms: 30_000 };
  const all = setup({ emulator: { faults: [delay, ...faults], workMs: 600_000 } });
  const { clock, emulator, images } = all;
  const operation = images.start(lighthouse);
  const warnings: string[] = [];
  operation.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));
  await clock.advance(100);
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
  return { ...all, warnings, name: () => emulator.meter.jobs[0]?.name ?? '' };
}

describe('a name that arrives after the report', () => {
  it('is cancelled, and what came of it is told', async () => {
    const { clock, emulator, warnings, name } = await stoppedBeforeItsName();
    await clock.advance(30_000);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(warnings).toEqual([
      `late-job-cancelled: The name ${name()} came after its operation had stopped waiting for it, and the job was asked to cancel. Its status is cancelled.`,
    ]);
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is told, with what fetches its image, when it has completed by then, and stays in the journal', async () => {
    const machine = createMachine({ workMs: 5_000, faults: [{ kind: 'delay', route: 'create', ms: 30_000 }] });
    const { images } = machine.start();
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));
    await machine.clock.advance(100);
    expect(await resolution(machine.clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
    await machine.clock.advance(60_000);
    const name = machine.emulator.meter.jobs[0]?.name ?? '';
    expect(warnings).toEqual([
      `image-not-handed-over: The name ${name} came after its operation had stopped waiting for it, and the job has the status completed. Fetch its images with: npx --no genai-cancel attach ${name} -o .`,
    ]);
    expect((await machine.read()).operations).toMatchObject([{ id: operation.id, record: { jobs: [{ name }] } }]);
  });

  it('is told, with what stops it, when its end cannot be confirmed within the budget', async () => {
    const { clock, emulator, warnings, name } = await stoppedBeforeItsName(
      { kind: 'hang', route: 'cancel', when: 'before' },
      { kind: 'hang', route: 'get' },
    );
    await clock.advance(30_000 - 8_000 - 1);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
    await clock.advance(7_999 - 100);
    expect(warnings).toEqual([]);
    await clock.advance(101);
    expect(warnings).toEqual([
      `may-be-running: The name ${name()} came after its operation had stopped waiting for it, and the job may be running: its cancel could not be confirmed. Cancel it with: npx --no genai-cancel cancel ${name()}`,
    ]);
    const { length } = emulator.meter.requests;
    await clock.advance(600_000);
    expect([emulator.meter.requests.length, clock.pendingTimers]).toEqual([length, 0]);
  });
});

describe('a name that arrives before the report, after its create was given up', () => {
  it.each([
    ['unconfirmed: it is a leftover by its name', [{ kind: 'cancel-ignored', route: 'cancel' }]],
    ['refused: it is a leftover by its name', [{ kind: 'status', route: 'cancel', status: 404 }]],
  ] as const)('%s', async (_, faults) => {
    const delay: Fault = { kind: 'delay', route: 'create', ms: 2_500, times: 1 };
    const { clock, emulator, images } = setup({ emulator: { faults: [delay, ...faults], workMs: 600_000 } });
    const two = { ...lighthouse, config: { numberOfImages: 2 } };
    const operation = images.start(two, { limits: { submitMs: 1_000 } });
    operation.on('warning', () => undefined);
    await clock.advance(500);
    const report = await resolution(clock, operation.cancel());
    const names = emulator.meter.running().map(({ name }) => name);
    expect(names).toHaveLength(2);
    expect(report.outcome).toBe('unconfirmed');
    expect(report.leftovers.map(({ name }) => name)).toEqual(names);
  });
});
