import { describe, expect, it, vi } from 'vitest';
import type { OperationCancelledError } from '../../../src/index.js';
import { lighthouse, rejection, resolution, setup, WORK_MS, type Setup } from '../../support/setup.js';

const hosts = ['Gemini API', 'Vertex', 'Imagen on Vertex'] as const;
type Host = (typeof hosts)[number];

function setupOn(host: Host, options: Parameters<typeof setup>[0] = {}): Setup & { parameters: typeof lighthouse } {
  const client = { backend: 'models', ...options.client } as const;
  const emulator = { retired: [], ...options.emulator };
  const all = setup({ vertex: host !== 'Gemini API', client, emulator });
  const parameters = host === 'Imagen on Vertex' ? { ...lighthouse, model: 'imagen-4.0-generate-001' } : lighthouse;
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  return { ...all, parameters: parameters as typeof lighthouse };
}

describe.each(hosts)('fire and forget, %s', (host) => {
  const route = host === 'Imagen on Vertex' ? 'predict' : 'generateContent';

  it('makes the images, and says beforehand that nothing can stop it', async () => {
    const { clock, emulator, images, parameters } = setupOn(host);
    const operation = images.start({ ...parameters, config: { numberOfImages: 3, aspectRatio: '16:9' } });
    expect(operation.cancelable).toBe(false);
    const seen: string[] = [];
    operation.on('warning', ({ code }) => seen.push(code));
    operation.on('image', ({ index }) => seen.push(`image ${index}`));
    await resolution(clock, operation.submitted());
    // One at a time: what was not sent yet is the only money that a cancel can save.
    expect(emulator.meter.requestsTo(route)).toHaveLength(1);
    expect(operation.jobs[0]).not.toHaveProperty('name');
    const { generatedImages } = await resolution(clock, operation.result());
    expect(generatedImages.map(({ image }) => typeof image?.imageBytes)).toEqual(['string', 'string', 'string']);
    expect(new Set(generatedImages.map(({ image }) => image?.imageBytes)).size).toBe(3);
    expect(seen).toEqual(['not-cancelable', 'image 0', 'image 1', 'image 2']);
    expect(emulator.meter.requestsTo(route)).toHaveLength(host === 'Imagen on Vertex' ? 1 : 3);
    expect(emulator.meter.requestsTo('create')).toEqual([]);
  });

  it('cancelled at a quarter: rejects at once, and delivers what has been paid for', async () => {
    const { clock, emulator, images, parameters } = setupOn(host);
    const operation = images.start({ ...parameters, config: { numberOfImages: 2 } }, { maxConcurrency: 2 });
    const events: string[] = [];
    operation.on('settled', () => events.push('settled'));
    operation.on('image', ({ index }) => events.push(`image ${index}`));
    await clock.advance(WORK_MS / 4);
    void operation.cancel('the prompt is wrong');
    await clock.settle();
    expect(operation.state).toBe('abandoned');
    const before = clock.now();
    const error = await rejection(clock, operation.result());
    expect(clock.now()).toBe(before);
    expect(error).toMatchObject({
      code: 'ABORT_ERR',
      cause: 'the prompt is wrong',
      report: {
        outcome: 'not-cancelable',
        counts: { made: 0, cancelled: 0, failed: 0, running: 2, notSent: 0 },
        billing: { expectation: 'full', source: expect.stringContaining('@google/genai') as string },
      },
    });
    for (const job of (error as OperationCancelledError).report.jobs) {
      expect(job).toMatchObject({ backend: 'models', cancelRequests: 0, state: 'running' });
    }
    await clock.advance(WORK_MS);
    expect(events).toEqual(['settled', 'image 0', 'image 1']);
    expect(emulator.meter.jobs.map(({ endReason, clientGoneAt }) => [endReason, clientGoneAt])).toEqual([
      ['completed', undefined],
      ['completed', undefined],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for what has been paid for no longer than limits.salvageMs', async () => {
    const { clock, emulator, images, parameters } = setupOn(host, { emulator: { workMs: 600_000 } });
    const operation = images.start(parameters, { limits: { salvageMs: 5_000 } });
    const indices: number[] = [];
    operation.on('image', ({ index }) => indices.push(index));
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    await clock.advance(4_999);
    expect(emulator.meter.jobs[0]?.clientGoneAt).toBeUndefined();
    await clock.advance(1);
    expect(emulator.meter.jobs[0]?.clientGoneAt).toBe(report.settledAt + 5_000);
    // The server goes on all the same.
    await clock.advance(600_000);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'completed', gpuMs: 600_000 }]);
    expect([indices, clock.pendingTimers]).toEqual([[], 0]);
  });

  it('cancelled before anything was sent, it was not started', async () => {
    const { emulator, images, parameters } = setupOn(host);
    const operation = images.start(parameters);
    expect(await operation.cancel()).toMatchObject({
      outcome: 'not-started',
      counts: { made: 0, cancelled: 0, failed: 0, running: 0, notSent: 1 },
    });
    expect(emulator.meter.requests).toEqual([]);
  });

  it('cancelled while others wait for their turn, those are never sent', async () => {
    const { clock, emulator, images, parameters } = setupOn(host);
    const isImagen = host === 'Imagen on Vertex';
    const operation = images.start({ ...parameters, config: { numberOfImages: isImagen ? 9 : 3 } });
    await clock.advance(WORK_MS / 4);
    expect(await resolution(clock, operation.cancel())).toMatchObject({
      outcome: 'not-cancelable',
      counts: isImagen ? { running: 4, notSent: 5 } : { running: 1, notSent: 2 },
    });
    await clock.advance(600_000);
    expect(emulator.meter.requestsTo(route)).toHaveLength(1);
  });

  it('cancelled after the end, nothing changes', async () => {
    const { clock, images, parameters } = setupOn(host);
    const operation = images.start(parameters);
    await resolution(clock, operation.result());
    expect(await operation.cancel()).toMatchObject({ outcome: 'completed-anyway' });
  });

  it('keeps what was finished when the rest cannot be stopped', async () => {
    const { clock, images, parameters } = setupOn(host, {
      emulator: { faults: [{ kind: 'delay', route, ms: 60_000, when: 'before', skip: 1 }] },
    });
    const operation = images.start({ ...parameters, config: { numberOfImages: 5 } }, { maxConcurrency: 5 });
    const indices = new Set<number>();
    operation.on('image', ({ index }) => indices.add(index));
    await clock.advance(WORK_MS + 500);
    const report = await resolution(clock, operation.cancel());
    expect(report.outcome).toBe('not-cancelable');
    const kept = report.response?.generatedImages.length ?? 0;
    expect(kept).toBeGreaterThan(0);
    expect(report.counts).toMatchObject({ made: kept, running: 5 - kept });
    await clock.advance(120_000);
    expect([...indices].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([429, 503])('is sent again after %i', async (status) => {
    const { clock, emulator, images, parameters } = setupOn(host, {
      emulator: { faults: [{ kind: 'status', route, status, times: 2 }] },
    });
    await resolution(clock, images.generateImages(parameters));
    expect(emulator.meter.requestsTo(route)).toHaveLength(3);
  });

  it('cancelled while it waits to be sent again, it was not started', async () => {
    const { clock, emulator, images, parameters } = setupOn(host, {
      emulator: { faults: [{ kind: 'status', route, status: 503 }] },
    });
    const operation = images.start(parameters);
    await clock.advance(100);
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'not-started', leftovers: [] });
    await clock.advance(60_000);
    expect(emulator.meter.requestsTo(route)).toHaveLength(1);
    expect(emulator.meter.jobs).toEqual([]);
  });

  it.each([500, 502, 504, 'reset'] as const)('is never sent again after %s', async (what) => {
    const fault = what === 'reset' ? ({ kind: 'reset' } as const) : ({ kind: 'status', status: what } as const);
    const { clock, emulator, images, parameters } = setupOn(host, {
      emulator: { faults: [{ ...fault, route, when: 'after' }] },
    });
    const error = await rejection(clock, images.generateImages(parameters));
    // Google says that it has failed. A connection says nothing.
    expect(error).toMatchObject({ code: what === 'reset' ? 'RESPONSE_LOST' : 'FAILED' });
    expect((error as Error).message).not.toContain('interactions');
    expect(emulator.meter.requestsTo(route)).toHaveLength(1);
  });

  it('does not wait for an answer for ever', async () => {
    const { clock, images, parameters } = setupOn(host, { emulator: { faults: [{ kind: 'hang', route }] } });
    const startedAt = clock.now();
    expect(await rejection(clock, images.generateImages(parameters))).toMatchObject({ code: 'RESPONSE_LOST' });
    expect(clock.now() - startedAt).toBe(600_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a refusal is an entry without an image', async () => {
    const { clock, images, parameters } = setupOn(host, { emulator: { faults: [{ kind: 'refuse', text: 'No.' }] } });
    const { generatedImages } = await resolution(clock, images.generateImages(parameters));
    expect(generatedImages).toEqual([{ raiFilteredReason: expect.any(String) as string }]);
  });

  it('leaves no listener on the signal, and no timer', async () => {
    const { clock, images, parameters } = setupOn(host);
    const { signal } = new AbortController();
    const spy = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await resolution(clock, images.generateImages({ ...parameters, config: { abortSignal: signal } }));
    expect(removed.mock.calls.length).toBe(spy.mock.calls.length);
    expect(clock.pendingTimers).toBe(0);
  });

  it('refuses to start where it has to be cancelable', () => {
    const { emulator, images, parameters } = setupOn(host);
    expect(() => images.start(parameters, { requireCancelable: true })).toThrow(
      expect.objectContaining({ name: 'NotStartedError', code: 'NOT_CANCELABLE' }) as Error,
    );
    expect(emulator.meter.requests).toEqual([]);
  });
});

describe('the deadline', () => {
  it('is told to the server as a header, without closing the connection', async () => {
    const { clock, ai, images } = setupOn('Gemini API');
    const options: unknown[] = [];
    const { models } = ai;
    const generateContent = models.generateContent.bind(models);
    models.generateContent = (request) => {
      options.push(request.config?.httpOptions);
      return generateContent(request);
    };
    await resolution(clock, images.generateImages(lighthouse, { timeoutMs: 60_500 }));
    expect(options).toMatchObject([{ retryOptions: { attempts: 1 }, headers: { 'X-Server-Timeout': '61' } }]);
    expect(options[0]).not.toHaveProperty('timeout');
  });
});
