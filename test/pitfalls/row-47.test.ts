import { GoogleGenAI } from '@google/genai';
import { expect, it } from 'vitest';
import { cancelable, type Operation } from '../../src/index.js';
import { createEmulator, createVirtualClock, type Emulator, type Fault, type VirtualClock } from '../../src/testing/index.js'; // prettier-ignore
import { lighthouse, resolution } from '../support/setup.js';

interface Repeated {
  readonly clock: VirtualClock;
  readonly emulator: Emulator;
  readonly operation: Operation;
  readonly warnings: string[];
}

/** A batch whose create a proxy has sent several times, and whose answers are lost. */
async function repeated(times: number, ...faults: readonly Fault[]): Promise<Repeated> {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock, faults, workMs: 600_000 });
  const repeat: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.endsWith(':batchGenerateContent')) return emulator.fetch(request);
    for (let sent = 0; sent < times; sent++) await emulator.fetch(request.clone());
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
  };
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: repeat } });
  const operation = cancelable(ai, { clock }).start(lighthouse, { backend: 'batches' });
  const warnings: string[] = [];
  operation.on('warning', ({ code }) => warnings.push(code));
  await clock.advance(100);
  return { clock, emulator, operation, warnings };
}

it.each([2, 3, 5])('#47 %i batches of one display name: all but one are cancelled', async (times) => {
  const { clock, emulator, operation, warnings } = await repeated(times);
  await clock.advance(10_000);
  const kept = operation.jobs[0]?.name;
  expect(emulator.meter.running().map(({ name }) => name)).toEqual([kept]);
  expect(warnings).toEqual(Array.from({ length: times - 1 }, () => 'duplicate-job'));
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled', leftovers: [] });
  expect(emulator.meter.running()).toEqual([]);
});

it.each<Fault>([
  { kind: 'cancel-ignored', job: 1 },
  { kind: 'status', route: 'batch-cancel', status: 403, job: 1 },
  { kind: 'hang', route: 'batch-cancel', job: 1 },
])('#47 a batch of the same display name whose cancel is not confirmed ($kind) is a leftover', async (fault) => {
  const { clock, emulator, operation } = await repeated(3, fault);
  const report = await resolution(clock, operation.cancel());
  const name = emulator.meter.jobs[1]?.name;
  const isKept = operation.jobs[0]?.name === name;
  expect(report.outcome).toBe('unconfirmed');
  expect(report.leftovers.map((leftover) => leftover.name)).toEqual([name]);
  expect(emulator.meter.running().map((job) => job.name)).toEqual([name]);
  expect(isKept).toBe(false);
});
