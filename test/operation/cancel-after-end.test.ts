import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { createMachine } from '../support/machine.js';
import { lighthouse, rejection, resolution, settle, setup, type Setup } from '../support/setup.js';

const unreadable: readonly Fault[] = [
  { kind: 'status', route: 'stream', status: 500 },
  { kind: 'status', route: 'get', status: 500 },
  { kind: 'status', route: 'batch-get', status: 500 },
];
const endless: Fault = { kind: 'end', status: 'pondering' };

interface Ended extends Setup {
  readonly operation: Operation;
  /** The requests that reached the server so far. */
  readonly sent: () => number;
}

/** Starts an operation, and waits for its end. The faults `until` then are gone after it. */
async function ended(faults: readonly Fault[], images = 1, until: readonly Fault[] = []): Promise<Ended> {
  const all = setup({ emulator: { faults } });
  const drops = until.map((fault) => all.emulator.addFault(fault));
  const limits = { watchMs: 20_000 };
  const operation = all.images.start({ ...lighthouse, config: { numberOfImages: images } }, { limits });
  operation.on('warning', () => undefined);
  await settle(all.clock, operation.result());
  for (const drop of drops) drop();
  return { ...all, operation, sent: () => all.emulator.meter.requests.length };
}

describe('a cancel after the end', () => {
  it.each<[string, readonly Fault[], string]>([
    ['completed', [], 'completed-anyway'],
    ['refused by the model', [{ kind: 'refuse' }], 'completed-anyway'],
    ['failed', [{ kind: 'fail', message: 'out of paint' }], 'failed-anyway'],
    ['rejected', [{ kind: 'status', route: 'create', status: 400 }], 'not-started'],
    ['lost without a name', [{ kind: 'reset', route: 'create', when: 'after' }], 'unconfirmed'],
  ])('%s: sends nothing, changes nothing, and its report is the same each time', async (_, faults, outcome) => {
    const { clock, operation, sent } = await ended(faults);
    const before = [operation.state, sent()];
    const result = await settle(clock, operation.result());
    const report = await operation.cancel('late');
    expect(report).toMatchObject({ outcome, trigger: 'cancel', reason: 'late', jobs: [{ cancelRequests: 0 }] });
    expect(await operation.cancel('later')).toBe(report);
    await clock.advance(60_000);
    expect([operation.state, sent()]).toEqual(before);
    expect(await settle(clock, operation.result())).toEqual(result);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a signal, a dispose and cancelAll() do nothing either', async () => {
    const { clock, emulator, images } = setup();
    const controller = new AbortController();
    const operation = images.start(
      { ...lighthouse, config: { abortSignal: controller.signal } },
      { timeoutMs: 60_000 },
    );
    const response = await resolution(clock, operation.result());
    const sent = emulator.meter.requests.length;
    controller.abort();
    await operation[Symbol.asyncDispose]();
    expect(await images.cancelAll()).toEqual([]);
    await clock.advance(120_000);
    expect(emulator.meter.requests).toHaveLength(sent);
    expect([operation.state, await operation.result()]).toEqual(['succeeded', response]);
    expect(await operation.cancel()).toMatchObject({ response });
  });

  it('of an operation that was cancelled returns the report of that, and sends nothing again', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'status', route: 'cancel', status: 403 }, endless] },
    });
    const operation = images.start(lighthouse);
    operation.on('warning', () => undefined);
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel('first'));
    expect([report.outcome, operation.state]).toEqual(['unconfirmed', 'abandoned']);
    const sent = emulator.meter.requestsTo('cancel').length;
    expect(await operation.cancel('second')).toBe(report);
    await clock.advance(60_000);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(sent);
  });
});

describe('the first cancel() of an operation that was abandoned without a trigger', () => {
  it('cancels each named job whose end is unknown; the state and result() stay', async () => {
    const { clock, emulator, operation } = await ended([endless], 2, unreadable);
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ code: 'WATCH_LOST' });
    expect(emulator.meter.running()).toHaveLength(2);
    const report = await resolution(clock, operation.cancel('enough'));
    expect(report).toMatchObject({
      outcome: 'cancelled',
      trigger: 'cancel',
      reason: 'enough',
      jobs: operation.jobs.map(({ name }) => ({ name, state: 'cancelled', cancelRequests: 1 })),
      counts: { made: 0, cancelled: 2, failed: 0, running: 0, notSent: 0 },
      leftovers: [],
    });
    expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['cancelled', 'cancelled']);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(2);
    expect(operation.state).toBe('abandoned');
    expect(await rejection(clock, operation.result())).toBe(error);
    expect(operation.jobs.map(({ state }) => state)).toEqual(['unknown', 'unknown']);
  });

  it('is memoised: later ones join it, and send nothing', async () => {
    const { clock, emulator, operation } = await ended([endless], 1, unreadable);
    const [first, second] = [operation.cancel('first'), operation.cancel('second')];
    const report = await resolution(clock, first);
    expect(await second).toBe(report);
    expect(await operation.cancel('third')).toBe(report);
    expect(report.reason).toBe('first');
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
  });

  it('has the image that was made meanwhile', async () => {
    const { clock, operation } = await ended([{ kind: 'cancel-ignored', route: 'cancel' }], 1, unreadable);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'completed-anyway', counts: { made: 1 } });
    expect(report.response?.generatedImages).toHaveLength(1);
    expect(operation.state).toBe('abandoned');
  });

  it('says unconfirmed within the budget, with the name, where nothing confirms it', async () => {
    const hanging: Fault = { kind: 'hang', route: 'cancel', when: 'before' };
    const { clock, emulator, operation } = await ended([...unreadable, hanging, endless]);
    const report = await resolution(clock, operation.cancel());
    expect(report.settledAt - report.requestedAt).toBe(8_000);
    const { name = 'none' } = emulator.meter.jobs[0] ?? {};
    expect(report).toMatchObject({
      outcome: 'unconfirmed',
      leftovers: [{ name, howToCancel: `npx --no genai-cancel cancel ${name}` }],
      counts: { running: 1 },
    });
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves alone what has ended, and what has no name', async () => {
    const faults: readonly Fault[] = [
      { kind: 'reset', route: 'create', when: 'after', job: 0 },
      { kind: 'status', route: 'create', status: 400, times: 1 },
      { kind: 'fail', job: 1 },
      { ...endless, job: 2 },
    ];
    const { clock, emulator, operation } = await ended(faults, 4, unreadable.map((fault) => ({ ...fault, job: 2 }))); // prettier-ignore
    expect(operation.state).toBe('abandoned');
    expect(operation.jobs.map(({ state }) => state)).toEqual(['unknown', 'not-started', 'failed', 'unknown']);
    const report = await resolution(clock, operation.cancel());
    expect(emulator.meter.requestsTo('cancel').map(({ job }) => job)).toEqual([operation.jobs[3]?.name]);
    expect(report.outcome).toBe('unconfirmed');
    expect(report.jobs.map(({ state }) => state)).toEqual(['unknown', 'not-started', 'failed', 'cancelled']);
    expect(report.leftovers).toEqual([{ howToCancel: expect.stringContaining('cannot be listed') as string }]);
  });

  it('keeps the display name of a batch', async () => {
    const { clock, images } = setup({ emulator: { faults: unreadable, workMs: 600_000 } });
    const operation = images.startBatch([{ prompt: 'a' }], { model: lighthouse.model, limits: { watchMs: 30_000 } });
    operation.on('warning', () => undefined);
    await settle(clock, operation.result());
    const report = await resolution(clock, operation.cancel());
    expect(report.jobs).toMatchObject([{ displayName: operation.jobs[0]?.displayName }]);
  });

  it('takes its record out of the journal', async () => {
    const machine = createMachine({ faults: [endless] });
    const drops = unreadable.map((fault) => machine.emulator.addFault(fault));
    const { images } = machine.start({ limits: { watchMs: 20_000 } });
    const operation = images.start(lighthouse);
    operation.on('warning', () => undefined);
    await rejection(machine.clock, operation.result());
    await machine.clock.settle();
    expect((await machine.read()).operations).toHaveLength(1);
    for (const drop of drops) drop();
    await resolution(machine.clock, operation.cancel());
    expect((await machine.read()).operations).toEqual([]);
  });
});

it('an operation that succeeded beside an unknown job sends nothing: it was not abandoned', async () => {
  const faults = [...unreadable.map((fault) => ({ ...fault, job: 1 })), { ...endless, job: 1 }];
  const { clock, operation, sent } = await ended(faults, 2);
  expect(operation.state).toBe('succeeded');
  const before = sent();
  expect(await operation.cancel()).toMatchObject({
    outcome: 'unconfirmed',
    leftovers: [{ name: operation.jobs[1]?.name }],
  });
  await clock.advance(60_000);
  expect(sent()).toBe(before);
});
