import { GoogleGenAI } from '@google/genai';
import { describe, expect, it, vi } from 'vitest';
import { cancelable } from '../../../src/index.js';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup } from '../../support/setup.js';

describe('starting', () => {
  it('submits n images as n interactions, side by side', async () => {
    const { clock, emulator, images } = setup();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 4 } });
    await resolution(clock, operation.submitted());
    const creates = emulator.meter.requestsTo('create');
    expect(creates).toHaveLength(4);
    expect(new Set(creates.map(({ at }) => at)).size).toBe(1);
    expect(operation.jobs.map(({ name }) => name)).toEqual(emulator.meter.jobs.map(({ name }) => name));
  });

  it.each<[string, Fault, number]>([
    ['429', { kind: 'status', route: 'create', status: 429, times: 2 }, 3],
    ['503', { kind: 'status', route: 'create', status: 503, times: 2 }, 3],
  ])('sends a create again that was answered %s', async (_, fault, creates) => {
    const { clock, emulator, images } = setup({ emulator: { faults: [fault] } });
    await resolution(clock, images.generateImages(lighthouse));
    expect(emulator.meter.requestsTo('create')).toHaveLength(creates);
    expect(emulator.meter.jobs).toHaveLength(1);
  });

  it.each(['interactions', 'batches', 'models'] as const)('says at once that nothing was sent: %s', async (backend) => {
    const { clock } = setup();
    const cause = { code: 'ECONNREFUSED' };
    const refuse = vi.fn(() => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause })));
    const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: refuse } });
    const operation = cancelable(ai, { clock, backend }).start(lighthouse);
    operation.on('warning', () => undefined);
    const startedAt = clock.now();
    expect(await rejection(clock, operation.result())).toMatchObject({ name: 'NotStartedError', code: 'NOT_SENT' });
    expect([refuse.mock.calls.length, clock.now() - startedAt, clock.pendingTimers]).toEqual([1, 0, 0]);
  });

  it('says for how long it has waited for an answer', async () => {
    const { clock, images } = setup({ emulator: { faults: [{ kind: 'hang' }] } });
    const messages = [{ limits: { submitMs: 5_000 } }, { backend: 'models', limits: { watchMs: 6_000 } }] as const;
    const [first, second] = messages.map((options) => {
      const operation = images.start(lighthouse, options);
      operation.on('warning', () => undefined);
      return operation.result();
    });
    expect(await rejection(clock, Promise.resolve(first))).toHaveProperty(
      'message',
      expect.stringContaining('(no answer within 5000 ms)'),
    );
    expect(await rejection(clock, Promise.resolve(second))).toHaveProperty(
      'message',
      expect.stringContaining('(no answer within 6000 ms)'),
    );
    // So long iterators wait for a late name.
    await clock.advance(120_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('counts the time for the answer from the first try', async () => {
    const busy = { kind: 'status', route: 'create', status: 429, headers: { 'retry-after': '3' }, times: 1 } as const;
    const { clock, emulator, images } = setup({ emulator: { faults: [busy, { kind: 'hang', route: 'create' }] } });
    const startedAt = clock.now();
    const operation = images.start(lighthouse, { limits: { submitMs: 10_000 } });
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'RESPONSE_LOST' });
    expect(clock.now() - startedAt).toBe(10_000);
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
  });

  it('sends nothing again once that time is over', async () => {
    const busy = { kind: 'status', route: 'create', status: 429, headers: { 'retry-after': '6' } } as const;
    const { clock, emulator, images } = setup({ emulator: { faults: [busy] } });
    const operation = images.start(lighthouse, { limits: { submitMs: 10_000 } });
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'REJECTED', cause: { status: 429 } });
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
  });

  it('waits anew for the answer to a request that makes the image itself, when it is sent again', async () => {
    const faults: Fault[] = [{ kind: 'status', route: 'generateContent', status: 503, times: 1 }];
    const { clock, emulator, images } = setup({ emulator: { faults, workMs: 5_700 } });
    const operation = images.start(lighthouse, { backend: 'models', limits: { watchMs: 6_000 } });
    operation.on('warning', () => undefined);
    const startedAt = clock.now();
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
    expect(clock.now() - startedAt).toBeGreaterThan(6_000);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up when the time for starting is over, and says that nothing was started', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'status', route: 'create', status: 503 }] },
    });
    const startedAt = clock.now();
    const error = await rejection(clock, images.generateImages(lighthouse));
    expect(error).toMatchObject({ name: 'NotStartedError', code: 'REJECTED', cause: { status: 503 } });
    const pauses = emulator.meter.requestsTo('create').map(({ at }) => at - startedAt);
    // 1, 2, 4, 8, 16 and 30 s, and up to a quarter off each.
    const latest = [0, 1, 3, 7, 15, 31, 61, 91].map((seconds) => seconds * 1_000);
    for (const [attempt, at] of latest.entries()) expect(pauses[attempt]).toBeLessThanOrEqual(at);
    expect(pauses[7]).toBeGreaterThanOrEqual((latest[7] ?? 0) * 0.75);
    expect(clock.now() - startedAt).toBeLessThanOrEqual(120_000);
  });

  it.each<Fault>([
    { kind: 'reset', route: 'create', when: 'after' },
    { kind: 'reset', route: 'create', when: 'before' },
    { kind: 'status', route: 'create', status: 500, when: 'after' },
    { kind: 'status', route: 'create', status: 502, when: 'after' },
    { kind: 'status', route: 'create', status: 504, when: 'after' },
    { kind: 'status', route: 'create', status: 408, when: 'after' },
    { kind: 'status', route: 'create', status: 499, when: 'after' },
    { kind: 'garbage', route: 'create', when: 'after' },
    { kind: 'garbage', route: 'create', when: 'after', contentType: 'application/json', body: '{"id":' },
    { kind: 'json', route: 'create', when: 'after', body: {} },
    { kind: 'json', route: 'create', when: 'after', body: null },
    { kind: 'json', route: 'create', when: 'after', body: { id: 7, status: 'queued' } },
  ])('sends exactly one create when its answer is lost: %o', async (fault) => {
    const { clock, emulator, images } = setup({ emulator: { faults: [fault] } });
    const error = await rejection(clock, images.generateImages(lighthouse));
    expect(error).toMatchObject({
      name: 'MayBeRunningError',
      code: 'RESPONSE_LOST',
      jobs: [{ state: 'unknown' }],
    });
    expect((error as Error).message).toMatch(/may be running and being paid for/);
    await clock.advance(600_000);
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
  });

  it('does not wait for an answer for ever, and cancels the job if it comes after all', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'delay', route: 'create', ms: 150_000 }], workMs: 3_600_000 },
    });
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ code: 'RESPONSE_LOST' });
    expect(emulator.meter.running()).toHaveLength(1);
    await clock.advance(60_000);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(warnings).toEqual(['late-job-cancelled']);
  });

  it('sends no cancel to a job without a name, if its image comes after all', async () => {
    const image = { type: 'image', mime_type: 'image/png', data: 'AAAA' };
    const body = { status: 'completed', steps: [{ type: 'model_output', content: [image] }] };
    const { clock, emulator, images } = setup({
      emulator: {
        faults: [
          { kind: 'delay', route: 'create', when: 'before', ms: 150_000 },
          { kind: 'json', route: 'create', when: 'after', body },
        ],
      },
    });
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'RESPONSE_LOST' });
    await clock.advance(60_000);
    expect(emulator.meter.requestsTo('cancel')).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('says what the server refused, once, without the prompt', async () => {
    const { clock, emulator, images } = setup({
      emulator: {
        faults: [{ kind: 'status', route: 'create', status: 400, message: `Cannot draw: ${lighthouse.prompt}.` }],
      },
    });
    const error = (await rejection(clock, images.generateImages(lighthouse))) as Error;
    expect(error).toMatchObject({ name: 'NotStartedError', code: 'REJECTED', cause: { status: 400 } });
    expect(error.message).toContain('Cannot draw: [prompt].');
    expect(JSON.stringify(error)).not.toContain(lighthouse.prompt);
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
  });

  it('goes on with the other images when one create fails, and resolves with what was made', async () => {
    const { clock, images } = setup({
      emulator: { faults: [{ kind: 'reset', route: 'create', when: 'after', skip: 1, times: 1 }] },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 3 } });
    const warnings: string[] = [];
    operation.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));
    const response = await resolution(clock, operation.result());
    expect(response.generatedImages).toHaveLength(2);
    expect(operation.jobs.map(({ state }) => state)).toEqual(['succeeded', 'unknown', 'succeeded']);
    expect(operation.jobs[1]?.error).toMatchObject({ code: 'RESPONSE_LOST' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^job-failed: Image 1: /);
  });

  it('fails with the gravest error when no image was made', async () => {
    const { clock, images } = setup({
      emulator: {
        faults: [
          { kind: 'status', route: 'create', status: 400, times: 1 },
          { kind: 'reset', route: 'create', when: 'after' },
        ],
      },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 2 } });
    operation.on('warning', () => undefined);
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ code: 'RESPONSE_LOST', jobs: [{ index: 0 }, { index: 1 }] });
    expect(await rejection(clock, operation.submitted())).toBe(error);
    expect(operation.state).toBe('abandoned');
  });

  it('overrides a timeout of the client, which would throw away the name of a paid job', async () => {
    const { ai, images, clock } = setup();
    const { apiClient } = ai as unknown as { apiClient: { getTimeout: () => number } };
    apiClient.getTimeout = () => 10;
    const timeouts: unknown[] = [];
    const { interactions } = ai;
    const create = interactions.create.bind(interactions) as (...args: unknown[]) => unknown;
    interactions.create = ((body: unknown, options: { timeout?: number }) => {
      timeouts.push(options.timeout);
      return create(body, options);
    }) as never;
    await resolution(clock, images.generateImages(lighthouse));
    expect(timeouts).toEqual([2 ** 31 - 1]);
  });
});
