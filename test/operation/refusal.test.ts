import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';

const refused: Fault = { kind: 'background-refused', route: 'create' };
const images = (numberOfImages: number) => ({ ...lighthouse, config: { numberOfImages } });

let warned: MockInstance<typeof console.warn>;

beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

function setupWith(...faults: Fault[]): Setup {
  return setup({ emulator: { faults } });
}

describe('a refusal where the images have to be cancelable', () => {
  const modes = [{ requireCancelable: true }, { backend: 'interactions' }] as const;

  it.each(modes)('fails with %o, tells why, and what can be done', async (options) => {
    const { clock, emulator, images } = setupWith(refused);
    const operation = images.start(lighthouse, options);
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({
      name: 'NotStartedError',
      code: 'NOT_CANCELABLE',
      cause: { name: 'RemoteError', status: 400 },
      jobs: [{ index: 0, backend: 'interactions', state: 'not-started' }],
    });
    expect((error as Error).message).toContain("Use `backend: 'batches'`");
    expect(operation.state).toBe('failed');
    expect(emulator.meter.jobs).toEqual([]);
    expect(warned).not.toHaveBeenCalled();
  });

  it.each(modes)('sends no further create with %o', async (options) => {
    const { clock, emulator, images: client } = setupWith(refused);
    const operation = client.start(images(4), { ...options, maxConcurrency: 1 });
    operation.on('warning', () => undefined);
    expect(await rejection(clock, operation.result())).toMatchObject({
      code: 'NOT_CANCELABLE',
      jobs: [{ index: 0 }, { index: 1 }, { index: 2 }, { index: 3 }],
    });
    expect(emulator.meter.requests.map(({ route }) => route)).toEqual(['create']);
  });

  it.each(modes)('is remembered: the next start() throws with %o, and sends nothing', async (options) => {
    const { clock, emulator, images } = setupWith(refused);
    await rejection(clock, images.generateImages(lighthouse, options));
    for (const next of modes) {
      expect(() => images.start(lighthouse, next)).toThrow(
        expect.objectContaining({ name: 'NotStartedError', code: 'NOT_CANCELABLE' }) as Error,
      );
    }
    expect(emulator.meter.requests).toHaveLength(1);
    expect(images.capabilities(lighthouse.model)).toMatchObject({ cancelable: 'no', known: 'observed' });
  });

  it('cancels what was accepted with requireCancelable, which counts as not started', async () => {
    const { clock, emulator, images: client } = setupWith({ ...refused, skip: 1, times: 1 });
    const operation = client.start(images(3), { requireCancelable: true });
    operation.on('warning', () => undefined);
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'NOT_CANCELABLE' });
    expect(operation.state).toBe('failed');
    expect(operation.jobs).toMatchObject([
      { state: 'not-started', lastStatus: 'cancelled', error: { code: 'NOT_CANCELABLE' } },
      { state: 'not-started', error: { code: 'NOT_CANCELABLE' } },
      { state: 'not-started', lastStatus: 'cancelled', error: { code: 'NOT_CANCELABLE' } },
    ]);
    expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['cancelled', 'cancelled']);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(2);
  });

  it('cancels one that is accepted after the refusal, too', async () => {
    const {
      clock,
      emulator,
      images: client,
    } = setupWith({ ...refused, times: 1 }, { kind: 'delay', route: 'create', ms: 1_000 });
    const operation = client.start(images(2), { requireCancelable: true });
    operation.on('warning', () => undefined);
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'NOT_CANCELABLE' });
    expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['cancelled']);
  });

  it('says what may be running where that cancel is not confirmed', async () => {
    const { clock, images: client } = setupWith(
      { ...refused, skip: 1, times: 1 },
      { kind: 'status', status: 403, route: 'cancel' },
      { kind: 'status', status: 403, route: 'get' },
      { kind: 'status', status: 403, route: 'stream' },
    );
    const operation = client.start(images(2), { requireCancelable: true, limits: { watchMs: 20_000 } });
    operation.on('warning', () => undefined);
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'WATCH_LOST' });
    expect(operation.state).toBe('abandoned');
  });

  it("lets what was accepted go on with backend: 'interactions'", async () => {
    const { clock, emulator, images: client } = setupWith({ ...refused, skip: 1, times: 1 });
    const operation = client.start(images(2), { backend: 'interactions' });
    operation.on('warning', () => undefined);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
    expect(operation.jobs).toMatchObject([{ state: 'succeeded' }, { error: { code: 'NOT_CANCELABLE' } }]);
    expect(emulator.meter.requestsTo('cancel')).toEqual([]);
  });
});

describe('what `models` cannot honour', () => {
  const config = { outputMimeType: 'image/jpeg', numberOfImages: 2 };

  it('is not started: the error names the parameter, and all jobs', async () => {
    const { clock, emulator, images } = setupWith(refused);
    const operation = images.start({ ...lighthouse, config });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ name: 'NotStartedError', code: 'NOT_CANCELABLE', jobs: [{}, {}] });
    expect((error as Error).message).toContain('`config.outputMimeType`');
    expect(emulator.meter.jobs).toEqual([]);
    expect(emulator.meter.requestsTo('generateContent')).toEqual([]);
    // Nothing runs that could not be cancelled.
    expect(warnings).not.toContain('not-cancelable');
  });

  it('is refused by the next start() before anything is sent', async () => {
    const { clock, emulator, images } = setupWith(refused);
    await rejection(clock, images.generateImages({ ...lighthouse, config }));
    const sent = emulator.meter.requests.length;
    expect(() => images.start({ ...lighthouse, config })).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_PARAMETER',
        parameters: [expect.objectContaining({ parameter: 'config.outputMimeType' })],
      }) as Error,
    );
    expect(emulator.meter.requests).toHaveLength(sent);
  });
});
