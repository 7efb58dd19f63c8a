import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { cancelable, type Operation } from '../../src/index.js';
import {
  createEmulator,
  createVirtualClock,
  type Emulator,
  type Fault,
  type VirtualClock,
} from '../../src/testing/index.js';
import { lighthouse, resolution } from '../support/setup.js';

/** A batch whose create a proxy has sent twice, and whose answers it has lost. The library finds both. */
async function twoBatches(
  ...faults: Fault[]
): Promise<{ clock: VirtualClock; emulator: Emulator; operation: Operation; warnings: string[] }> {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock, faults, workMs: 600_000 });
  const fetchTwice: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.endsWith(':batchGenerateContent')) return emulator.fetch(request);
    await emulator.fetch(request.clone());
    await emulator.fetch(request);
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
  };
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: fetchTwice } });
  const operation = cancelable(ai, { clock }).start(lighthouse, { backend: 'batches' });
  const warnings: string[] = [];
  operation.on('warning', ({ code }) => warnings.push(code));
  await clock.advance(100);
  return { clock, emulator, operation, warnings };
}

describe('a duplicate whose cancel is not confirmed', () => {
  it('makes the report unconfirmed, and is a leftover of it', async () => {
    const { clock, emulator, operation } = await twoBatches({ kind: 'cancel-ignored', job: 0 });
    const report = await resolution(clock, operation.cancel());
    const [duplicate, kept] = emulator.meter.jobs.map(({ name }) => name);
    expect(operation.jobs).toMatchObject([{ name: kept }]);
    expect(report).toMatchObject({ outcome: 'unconfirmed', counts: { cancelled: 1, running: 0 } });
    expect(report.leftovers.map(({ name }) => name)).toEqual([duplicate]);
    expect(operation.state).toBe('abandoned');
  });
});

it('waits for the cancel of a duplicate after a trigger', async () => {
  const { clock, emulator, operation, warnings } = await twoBatches({ kind: 'cancel-lag', ms: 3_000, times: 1 });
  const report = await resolution(clock, operation.cancel());
  expect(report).toMatchObject({ outcome: 'cancelled', leftovers: [] });
  expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['cancelled', 'cancelled']);
  expect(warnings).toEqual(['duplicate-job']);
});
