import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup } from '../../support/setup.js';

describe('the watch', () => {
  it('follows one stream, and reads nothing when the stream tells all', async () => {
    const { clock, images, routes } = setup();
    const response = await resolution(clock, images.generateImages(lighthouse));
    expect(response.generatedImages[0]?.image).toMatchObject({
      mimeType: 'image/jpeg',
      imageBytes: expect.any(String) as string,
    });
    expect(routes()).toEqual(['create', 'stream']);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'resumes a stream that ended after %i events, after the last one it saw',
    async (afterEvents) => {
      const { clock, emulator, images } = setup({
        emulator: { faults: [{ kind: 'cut', route: 'stream', afterEvents, how: 'end', times: 1 }] },
      });
      const { generatedImages } = await resolution(clock, images.generateImages(lighthouse));
      expect(generatedImages[0]?.image?.imageBytes).toBeTypeOf('string');
      const [first, second] = emulator.meter.requestsTo('stream');
      expect(first?.query).not.toHaveProperty('last_event_id');
      expect(second?.query['last_event_id']).toBeTypeOf('string');
      expect(first?.events).toBe(afterEvents);
      // Nothing is delivered twice: both together sent each event once.
      expect((first?.events ?? 0) + (second?.events ?? 0)).toBe(9);
    },
  );

  it.each(['reset', 'error', 'garbage'] as const)('survives a stream that breaks by %s', async (how) => {
    const { clock, images } = setup({
      emulator: { faults: [{ kind: 'cut', route: 'stream', afterEvents: 2, how, times: 2 }] },
    });
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
  });

  it('does not read the status for each of the errors that a stream tells one after another', async () => {
    const { clock, emulator, images } = setup({ emulator: { workMs: 20_000 } });
    const body = 'data: {"event_type":"error"}\n\n'.repeat(500);
    emulator.addFault({ kind: 'garbage', route: 'stream', contentType: 'text/event-stream', body });
    await resolution(clock, images.generateImages(lighthouse));
    expect(emulator.meter.requestsTo('get').length).toBeLessThan(20);
  });

  it('fetches the image when the terminal event comes without it', async () => {
    const { clock, images, routes } = setup({
      emulator: {
        faults: [{ kind: 'image-as-uri' }, { kind: 'cut', route: 'stream', afterEvents: 7, how: 'reset', times: 1 }],
      },
    });
    const { generatedImages } = await resolution(clock, images.generateImages(lighthouse));
    expect(generatedImages[0]?.image?.gcsUri).toMatch(/^https?:/);
    expect(routes()).toContain('stream');
  });

  it('is woken by the server ending a stream at its limit', async () => {
    const { clock, emulator, images } = setup({ emulator: { streamLimitMs: 1_000 } });
    await resolution(clock, images.generateImages(lighthouse));
    expect(emulator.meter.requestsTo('stream').length).toBeGreaterThan(1);
  });

  it.each<Fault>([
    { kind: 'status', route: 'stream', status: 404 },
    { kind: 'status', route: 'stream', status: 403 },
    { kind: 'status', route: 'stream', status: 501 },
    { kind: 'stream-as-json', route: 'stream' },
    { kind: 'garbage', route: 'stream' },
    { kind: 'hang', route: 'stream' },
    { kind: 'reset', route: 'stream' },
  ])('polls when a stream cannot be had: $kind $status', async (fault) => {
    const { clock, emulator, images } = setup({ emulator: { faults: [fault], workMs: 30_000 } });
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
    const reads = emulator.meter.requestsTo('get').map(({ at }) => at);
    expect(reads.length).toBeGreaterThanOrEqual(1);
    const gaps = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
    // The interval is kept: neither hot nor growing without end.
    for (const gap of gaps.slice(3)) {
      expect(gap).toBeGreaterThanOrEqual(1_800);
      expect(gap).toBeLessThanOrEqual(2_000);
    }
    expect(emulator.meter.requestsTo('stream').length).toBeLessThanOrEqual(4);
  });

  it('goes on by stream when reads are refused while the job runs', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'forbidden-while-running' }], workMs: 60_000 },
    });
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
    expect(emulator.meter.requestsTo('get').length).toBeLessThan(10);
  });

  it('tries the stream again when reads are refused', async () => {
    const { clock, images } = setup({
      emulator: {
        faults: [
          { kind: 'status', route: 'stream', status: 404, times: 1 },
          { kind: 'status', route: 'get', status: 403 },
        ],
      },
    });
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
  });

  it('reads the status beside a stream that says nothing', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'silent', route: 'stream' }], workMs: 50_000 },
    });
    const startedAt = clock.now();
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
    // Long before the server ends the stream.
    expect(clock.now() - startedAt).toBeLessThan(80_000);
    expect(emulator.meter.requestsTo('get').length).toBeLessThanOrEqual(4);
  });

  it('survives reads that fail in between', async () => {
    const { clock, images } = setup({
      emulator: {
        faults: [
          { kind: 'status', route: 'stream', status: 404 },
          { kind: 'reset', route: 'get', times: 2 },
          { kind: 'status', route: 'get', status: 500, times: 2 },
          { kind: 'status', route: 'get', status: 404, times: 1 },
          { kind: 'garbage', route: 'get', times: 1 },
          { kind: 'json', route: 'get', body: {}, times: 1 },
        ],
      },
    });
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
  });

  it('keeps watching a status that nobody has documented, says so once, and polls no hotter', async () => {
    const { clock, emulator, images } = setup({
      emulator: {
        faults: [
          { kind: 'end', status: 'pondering', lastsMs: 60_000 },
          { kind: 'status', route: 'stream', status: 404 },
        ],
      },
    });
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    expect(await resolution(clock, operation.result())).toHaveProperty('generatedImages.0.image');
    expect(warnings).toEqual(['unknown-status']);
    expect(emulator.meter.requestsTo('get').length).toBeLessThan(40);
  });

  it('is given up after limits.watchMs, names the job, and leaves it running', async () => {
    const { clock, emulator, images } = setup({
      emulator: {
        workMs: 3_600_000,
        faults: [
          { kind: 'status', route: 'stream', status: 500 },
          { kind: 'status', route: 'get', status: 500 },
        ],
      },
    });
    const startedAt = clock.now();
    const operation = images.start(lighthouse);
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({
      name: 'MayBeRunningError',
      code: 'WATCH_LOST',
      jobs: [{ name: emulator.meter.jobs[0]?.name, state: 'unknown' }],
    });
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(600_000);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(0);
    expect(emulator.meter.running()).toHaveLength(1);
    expect(operation.state).toBe('abandoned');
  });

  it('lives as long as the server answers, however long the job takes', async () => {
    const { clock, images } = setup({
      emulator: { workMs: 900_000, faults: [{ kind: 'status', route: 'stream', status: 404 }] },
      client: { limits: { watchMs: 60_000 } },
    });
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
  });

  it.each(['failed', 'incomplete', 'budget_exceeded', 'requires_action', 'requires_continuation'])(
    'ends on the status %s, in the words of the server',
    async (status) => {
      const { clock, images } = setup({ emulator: { faults: [{ kind: 'end', status }] } });
      const error = await rejection(clock, images.generateImages(lighthouse));
      expect(error).toMatchObject({
        name: 'OperationFailedError',
        code: 'FAILED',
        jobs: [{ state: 'failed', lastStatus: status }],
      });
    },
  );

  it('tells a job that somebody else cancelled from one that we did', async () => {
    const { clock, emulator, ai, images } = setup();
    const operation = images.start(lighthouse);
    await clock.advance(1_000);
    await ai.interactions.cancel(emulator.meter.jobs[0]?.name?.replace('interactions/', '') ?? '');
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ name: 'OperationFailedError', code: 'FAILED', jobs: [{ state: 'cancelled' }] });
    expect(operation.state).toBe('failed');
  });

  it('asks nothing any more after the end', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'status', route: 'stream', status: 404 }] },
    });
    await resolution(clock, images.generateImages(lighthouse));
    const requests = emulator.meter.requests.length;
    await clock.advance(3_600_000);
    expect(emulator.meter.requests).toHaveLength(requests);
    expect(clock.pendingTimers).toBe(0);
  });
});
