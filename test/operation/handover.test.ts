import { describe, expect, it } from 'vitest';
import { createMachine } from '../support/machine.js';
import { lighthouse, rejection } from '../support/setup.js';
import { setupMortal } from '../pitfalls/support.js';

const two = { ...lighthouse, config: { numberOfImages: 2 } };

/** An `onImage` that takes its time. */
function slowFor(ms: number, after: (ms: number) => Promise<void>) {
  const taken: number[] = [];
  const onImage = async (_: unknown, index: number): Promise<void> => {
    await after(ms);
    taken.push(index);
  };
  return { taken, onImage };
}

describe('the record of an operation', () => {
  it('stays while `onImage` is at work on an image that a listener has', async () => {
    const machine = createMachine({ faults: [{ kind: 'cancel-ignored', times: Infinity }], workMs: 3_000 });
    const slow = slowFor(20_000, (ms) => new Promise((resolve) => machine.clock.setTimeout(resolve, ms)));
    const operation = machine.start().images.start(lighthouse, { onImage: slow.onImage });
    operation.on('image', () => undefined);
    await machine.clock.advance(1_000);
    void operation.cancel();
    // The job completes within the budget, which ends before `onImage` does.
    await machine.clock.advance(12_000);
    expect(operation.state).toBe('cancelled');
    expect((await machine.read()).operations).toMatchObject([{ record: { jobs: [{ index: 0 }] } }]);
    await machine.clock.advance(20_000);
    expect([slow.taken, (await machine.read()).operations]).toEqual([[0], []]);
  });

  it('stays when an image was made after the report, also once the others are handed over', async () => {
    const machine = createMachine({ faults: [{ kind: 'cancel-ignored', times: Infinity }], workMs: 20_000 });
    const controller = new AbortController();
    const options = { maxConcurrency: 1, cancelSignal: controller.signal };
    const operation = machine.start().images.start(two, options);
    await machine.clock.advance(21_000);
    controller.abort();
    // The report comes, the second image is made, and only then somebody asks for the first one.
    await machine.clock.advance(60_000);
    expect(machine.emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['completed', 'completed']);
    expect(await rejection(machine.clock, operation.result())).toMatchObject({ report: { outcome: 'unconfirmed' } });
    await machine.clock.advance(1_000);
    const name = operation.jobs[1]?.name;
    expect((await machine.read()).operations).toMatchObject([{ record: { jobs: [{ index: 1, name }] } }]);
  });
});

it('a press leaves an `onImage` of what had settled the whole budget', async () => {
  const all = setupMortal({}, { limits: { shutdownMs: 1_000 } });
  const slow = slowFor(6_000, (ms) => new Promise((resolve) => all.clock.setTimeout(resolve, ms)));
  all.images.start(lighthouse, { onImage: slow.onImage });
  await all.clock.advanceUntil(() => all.emulator.meter.running().length === 0 && all.emulator.meter.jobs.length === 1);
  await all.clock.advance(1_000);
  const lines = await all.press();
  expect(lines.filter((line) => line.includes('not handed over'))).toEqual([]);
  expect(slow.taken).toEqual([0]);
});

it('a dying process waits for an `onImage` that began after its own operation was ready', async () => {
  const all = setupMortal({ whileRunning: { cancels: 'forbidden' }, workMs: 2_000 });
  const slow = slowFor(3_000, (ms) => new Promise((resolve) => all.clock.setTimeout(resolve, ms)));
  const hasty = all.images.start(lighthouse, { onImage: slow.onImage, cancelTimeoutMs: 100 });
  all.images.start(lighthouse);
  await all.clock.advanceUntil(() => all.emulator.meter.running().length === 2);
  const lines = await all.press();
  // Its report came before its image, and the other operation has kept the process alive until then.
  expect(hasty.state).toBe('abandoned');
  expect(slow.taken).toEqual([0]);
  expect(lines.join('\n')).not.toContain(hasty.jobs[0]?.name);
});
