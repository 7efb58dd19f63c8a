import { describe, expect, it } from 'vitest';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';

/** The server says `cancelled` once, and thinks better of it: what OpenAI's background responses have been seen to do. */
function setupFickle(): Setup {
  return setup({
    emulator: {
      faults: [
        { kind: 'status', route: 'stream', status: 404 },
        { kind: 'cancel-ignored', route: 'cancel' },
        { kind: 'json', route: 'get', body: { id: 'x', status: 'cancelled' }, skip: 1, times: 1 },
      ],
    },
  });
}

describe('laterLookMs', () => {
  it('#38 cancelled that later turns completed: is looked at once more, and the flip reported', async () => {
    const { clock, emulator, images } = setupFickle();
    const operation = images.start(lighthouse, { laterLookMs: 60_000 });
    const seen: string[] = [];
    operation.on('warning', ({ code }) => seen.push(code));
    operation.on('image', ({ index }) => seen.push(`image ${index}`));
    await clock.advance(1_000);
    void operation.cancel();
    expect(await rejection(clock, operation.result())).toMatchObject({ report: { outcome: 'cancelled' } });
    expect(emulator.meter.running()).toHaveLength(1);
    const { generatedImages } = await resolution(clock, operation.salvaged());
    expect(generatedImages).toHaveLength(1);
    expect(seen).toEqual(['cancel-reversed', 'image 0']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('says nothing where nothing has changed, and looks once', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start(lighthouse, { laterLookMs: 60_000 });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    await clock.advance(1_000);
    await resolution(clock, operation.cancel());
    const reads = emulator.meter.requestsTo('get').length;
    expect(await resolution(clock, operation.salvaged())).toEqual({ generatedImages: [] });
    await clock.advance(600_000);
    expect(emulator.meter.requestsTo('get')).toHaveLength(reads + 1);
    expect(warnings).toEqual([]);
  });

  it('is off by default', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start(lighthouse);
    await clock.advance(1_000);
    await resolution(clock, operation.cancel());
    const requests = emulator.meter.requests.length;
    await clock.advance(600_000);
    expect(emulator.meter.requests).toHaveLength(requests);
  });
});
