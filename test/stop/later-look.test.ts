import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
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
    const messages: string[] = [];
    operation.on('warning', ({ code, message }) => {
      seen.push(code);
      messages.push(message);
    });
    operation.on('image', ({ index }) => seen.push(`image ${index}`));
    await clock.advance(1_000);
    void operation.cancel();
    expect(await rejection(clock, operation.result())).toMatchObject({ report: { outcome: 'cancelled' } });
    expect(emulator.meter.running()).toHaveLength(1);
    const { generatedImages } = await resolution(clock, operation.salvaged());
    expect(generatedImages).toHaveLength(1);
    expect(seen).toEqual(['cancel-reversed', 'image 0']);
    expect(messages).toEqual([
      `${operation.jobs[0]?.name} was cancelled, said the server; now it says completed: it may be charged.`,
    ]);
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

  it.each<Fault>([
    { kind: 'status', route: 'get', status: 503 },
    { kind: 'hang', route: 'get' },
  ])('stands by what the server said when it cannot be asked again: %o', async (fault) => {
    const { clock, emulator, images } = setup({ emulator: { faults: [fault] } });
    const operation = images.start(lighthouse, { laterLookMs: 60_000 });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report.outcome).toBe('cancelled');
    const { length } = emulator.meter.requestsTo('get');
    await clock.advance(59_999);
    expect(emulator.meter.requestsTo('get')).toHaveLength(length);
    expect(await resolution(clock, operation.salvaged())).toEqual({ generatedImages: [] });
    expect(clock.now() - report.settledAt).toBe(fault.kind === 'hang' ? 75_000 : 60_000);
    expect(emulator.meter.requestsTo('get')).toHaveLength(length + 1);
    expect(warnings).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is nothing to an operation that was not stopped', async () => {
    const { clock, emulator, images } = setup({ emulator: { faults: [{ kind: 'end', status: 'cancelled' }] } });
    const operation = images.start(lighthouse, { laterLookMs: 60_000 });
    await rejection(clock, operation.result());
    expect(operation.jobs[0]?.state).toBe('cancelled');
    const { length } = emulator.meter.requests;
    expect(await resolution(clock, operation.salvaged())).toEqual({ generatedImages: [] });
    await clock.advance(600_000);
    expect(emulator.meter.requests).toHaveLength(length);
  });

  it('is for jobs that were cancelled only', async () => {
    const { clock, emulator, images } = setup({ emulator: { faults: [{ kind: 'cancel-ignored', route: 'cancel' }] } });
    const operation = images.start(lighthouse, { laterLookMs: 60_000 });
    await clock.advance(1_000);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'completed-anyway' });
    const { length } = emulator.meter.requests;
    await clock.advance(600_000);
    expect(emulator.meter.requests).toHaveLength(length);
  });

  it('waits for no job beside those', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'end', status: 'pondering', job: 1 }] } });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } }, { laterLookMs: 60_000 });
    operation.on('warning', () => undefined);
    await clock.advance(10_000);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'partially-cancelled' });
    expect(await resolution(clock, operation.salvaged())).toEqual({ generatedImages: [] });
  });

  it('is not for jobs of which nobody knows how they ended', async () => {
    const { clock, emulator, images } = setup({
      emulator: { workMs: 600_000, faults: [{ kind: 'hang', route: 'cancel' }] },
    });
    const operation = images.start(lighthouse, { laterLookMs: 60_000 });
    await clock.advance(1_000);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
    const { length } = emulator.meter.requests;
    expect(await resolution(clock, operation.salvaged())).toEqual({ generatedImages: [] });
    await clock.advance(100_000);
    expect(emulator.meter.requests).toHaveLength(length);
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
