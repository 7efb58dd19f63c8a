import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import {
  cancelable,
  memoryJournal,
  type MemoryJournalEntry,
  type Operation,
  type OperationOptions,
} from '../../src/index.js';
import {
  createEmulator,
  createVirtualClock,
  type Emulator,
  type Fault,
  type VirtualClock,
} from '../../src/testing/index.js';
import { plainPlatform, type ExitParticipant } from '../../src/operation/platform.js';
import { DESTINATION, setupVertex, SOURCE } from '../google/batches/vertex-setup.js';
import { lighthouse, resolution } from '../support/setup.js';

/** A batch whose create a proxy has sent twice, and whose answers it has lost. The library finds both. */
async function twoBatches(
  faults: Fault[],
  workMs = 600_000,
  options: OperationOptions = {},
): Promise<{ clock: VirtualClock; emulator: Emulator; operation: Operation; warnings: string[] }> {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock, faults, workMs, batchQueueMs: 0 });
  const fetchTwice: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.endsWith(':batchGenerateContent')) return emulator.fetch(request);
    await emulator.fetch(request.clone());
    await emulator.fetch(request);
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
  };
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: fetchTwice } });
  const operation = cancelable(ai, { clock }).start(lighthouse, { backend: 'batches', ...options });
  const warnings: string[] = [];
  operation.on('warning', ({ code }) => warnings.push(code));
  await clock.advance(100);
  return { clock, emulator, operation, warnings };
}

describe('a duplicate whose cancel is not confirmed', () => {
  it('makes the report unconfirmed, and is a leftover of it', async () => {
    const { clock, emulator, operation } = await twoBatches([{ kind: 'cancel-ignored', job: 0 }]);
    const report = await resolution(clock, operation.cancel());
    const [duplicate, kept] = emulator.meter.jobs.map(({ name }) => name);
    expect(operation.jobs).toMatchObject([{ name: kept }]);
    expect(report).toMatchObject({ outcome: 'unconfirmed', counts: { cancelled: 1, running: 0 } });
    expect(report.leftovers.map(({ name }) => name)).toEqual([duplicate]);
    expect(operation.state).toBe('abandoned');
  });
});

it('that was read as completed is no leftover, although nothing can be read afterwards', async () => {
  const lag: Fault = { kind: 'list-lag', ms: 10_000 };
  const away: Fault[] = [
    { kind: 'hang', route: 'batch-cancel' },
    { kind: 'hang', route: 'batch-get', skip: 2 },
  ];
  const { clock, operation } = await twoBatches([lag, ...away], 1_000);
  await clock.advance(12_000);
  const report = await resolution(clock, operation.cancel());
  expect(report).toMatchObject({ outcome: 'completed-anyway', counts: { made: 1, running: 0 }, leftovers: [] });
});

it('that made its images is found after the report: the warning says how to fetch them', async () => {
  const { clock, emulator, operation } = await twoBatches([{ kind: 'list-lag', ms: 50_000 }], 1_000);
  const messages: string[] = [];
  operation.on('warning', ({ code, message }) => code === 'duplicate-job' && messages.push(message));
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
  await clock.advance(60_000);
  expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['completed', 'completed']);
  const advice =
    /came after the end of the operation\. Fetch them with: npx --no genai-cancel attach batches\/\w+ -o \.$/;
  expect(messages).toEqual([expect.stringMatching(advice)]);
});

it('that makes its images after a takeover gives them to nobody here: they are for the new owner', async () => {
  const entries = new Map<string, MemoryJournalEntry>();
  const received: number[] = [];
  const { clock, emulator, operation } = await twoBatches([{ kind: 'cancel-ignored', job: 0 }], 5_000, {
    journal: memoryJournal({ entries, leaseMs: 3_000 }),
    onImage: (_image, index) => received.push(index),
  });
  const messages: string[] = [];
  operation.on('warning', ({ code, message }) => code === 'duplicate-job' && messages.push(message));
  operation.on('image', ({ index }) => received.push(index));
  for (const [id, entry] of entries) entries.set(id, { ...entry, fence: entry.fence + 1 });
  await clock.advance(2_000);
  expect(operation.state).toBe('abandoned');
  await clock.advance(60_000);
  expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'completed' });
  expect(received).toEqual([]);
  expect(messages).toEqual([
    expect.stringMatching(/Fetch them with: npx --no genai-cancel attach batches\/\w+ -o \.$/),
  ]);
});

it('waits for the cancel of a duplicate after a trigger', async () => {
  const { clock, emulator, operation, warnings } = await twoBatches([{ kind: 'cancel-lag', ms: 3_000, times: 1 }]);
  const report = await resolution(clock, operation.cancel());
  expect(report).toMatchObject({ outcome: 'cancelled', leftovers: [] });
  expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['cancelled', 'cancelled']);
  expect(warnings).toEqual(['duplicate-job']);
});

/** Vertex, with results that take for ever to fetch, and the operations as the host of the process knows them. */
function setupSlowStorage(...faults: Fault[]) {
  const hosted: ExitParticipant[] = [];
  const register: typeof plainPlatform.register = (operation) => {
    hosted.push(operation);
    return plainPlatform.register(operation);
  };
  const { storage, startRows, ...all } = setupVertex({ faults }, { register });
  const bucket = { ...storage.bucket('results'), getFiles: () => new Promise<never>(() => undefined) };
  const start = (): Operation => {
    const operation = startRows(2, { storage: { bucket: () => bucket } });
    operation.on('warning', () => undefined);
    return operation;
  };
  return { ...all, start, unclaimed: () => hosted.flatMap((participant) => participant.unclaimed()) };
}

describe('images that are still fetched when the process ends', () => {
  const howToFetch = expect.stringContaining('gs://results/out') as string;

  it('of a duplicate are named, with what fetches them', async () => {
    const lost: Fault = { kind: 'reset', route: 'batch-create', when: 'after', times: 1 };
    const { ai, clock, emulator, start, unclaimed } = setupSlowStorage(lost, { kind: 'list-lag', ms: 10_000 });
    const operation = start();
    await clock.settle();
    const config = { displayName: emulator.meter.jobs[0]?.displayName ?? '', dest: DESTINATION };
    await resolution(clock, ai.batches.create({ model: lighthouse.model, src: SOURCE, config }));
    await clock.advance(16_000);
    const batches = emulator.meter.jobs.filter(({ kind }) => kind === 'batch');
    expect(batches).toMatchObject([{ endReason: 'completed' }, { endReason: 'completed' }]);
    // The kept one is observed once its duplicate is done.
    const [duplicate] = batches.filter(({ name }) => name !== operation.jobs[0]?.name);
    expect(unclaimed()).toMatchObject([{ name: duplicate?.name, count: 2, howToFetch }]);
  });

  it('of a batch whose name came late are named, too', async () => {
    const { clock, emulator, start, unclaimed } = setupSlowStorage(
      { kind: 'delay', route: 'batch-create', ms: 30_000 },
      { kind: 'list-lag', ms: 600_000 },
    );
    const operation = start();
    await clock.advance(100);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
    await clock.advance(24_000);
    expect(emulator.meter.jobs[0]).toMatchObject({ endReason: 'completed' });
    expect(unclaimed()).toMatchObject([{ name: emulator.meter.jobs[0]?.name, count: 2, howToFetch }]);
  });
});
