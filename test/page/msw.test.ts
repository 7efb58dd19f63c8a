import { GoogleGenAI } from '@google/genai';
import { http } from 'msw';
import { setupWorker } from 'msw/browser';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cancelable } from '../../src/index.js';
import { createEmulator, mswHandlers } from '../../src/testing/index.js';
import { endless } from '../pitfalls/support.js';
import { lighthouse } from '../support/setup.js';

// The page's own `fetch`, a service worker that takes what goes to Google, and time as it is.
const emulator = createEmulator({ queueMs: 0, workMs: 50 });
const worker = setupWorker(...mswHandlers(emulator, http));
const images = cancelable(new GoogleGenAI({ apiKey: 'a-key' }));

beforeAll(() => worker.start({ quiet: true, onUnhandledRequest: 'bypass' }));
afterAll(() => worker.stop());
beforeEach(() => emulator.reset());

describe('in a page, through a service worker', () => {
  test('an image is made', async () => {
    const { generatedImages } = await images.generateImages(lighthouse);
    expect(generatedImages[0]?.image).toMatchObject({ mimeType: 'image/jpeg' });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'completed' }]);
  });

  test('an abort cancels the job on the server, which confirms it', async () => {
    emulator.addFault(endless);
    const controller = new AbortController();
    const result = images.generateImages({ ...lighthouse, config: { abortSignal: controller.signal } });
    result.catch(() => undefined);
    await emulator.waitFor(({ openStreams }) => openStreams === 1);
    controller.abort('the prompt is wrong');
    await expect(result).rejects.toMatchObject({
      name: 'AbortError',
      cause: 'the prompt is wrong',
      report: { outcome: 'cancelled' },
    });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
  });

  test('an abort while the create is in flight waits for the name, and cancels it', async () => {
    emulator.addFault({ kind: 'delay', route: 'create', ms: 300, when: 'after' });
    emulator.addFault(endless);
    const operation = images.start(lighthouse);
    await emulator.waitFor(({ jobs }) => jobs.length === 1);
    expect(await operation.cancel()).toMatchObject({ outcome: 'cancelled', leftovers: [] });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });

  test('a page that is left cancels nothing: what it has started can be cancelled by name', async () => {
    emulator.addFault(endless);
    const operation = images.start(lighthouse);
    await operation.submitted();
    for (const type of ['pagehide', 'visibilitychange'])
      (globalThis as unknown as EventTarget).dispatchEvent(new Event(type));
    await emulator.waitFor(({ openStreams }) => openStreams === 1);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(0);
    const report = await cancelable(new GoogleGenAI({ apiKey: 'a-key' })).cancel(operation.jobs[0]?.name ?? '');
    expect(report).toMatchObject({ outcome: 'cancelled' });
    expect(await operation.cancel()).toMatchObject({ leftovers: [] });
  });
});
