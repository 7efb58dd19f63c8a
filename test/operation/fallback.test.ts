import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import type { Operation } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, settle, setup, WORK_MS, type Setup } from '../support/setup.js';

const refused: Fault = { kind: 'background-refused', route: 'create' };
const images = (numberOfImages: number) => ({ ...lighthouse, config: { numberOfImages } });
const jobsOf = ({ jobs }: Operation): unknown[] => jobs.map(({ backend, state }) => [backend, state]);

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

describe("a refusal of the background, with backend: 'auto'", () => {
  it('is followed by a request that cannot be cancelled, and is told', async () => {
    const { clock, emulator, images } = setupWith(refused);
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    expect(operation.cancelable).toBe(true);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
    expect([operation.cancelable, warnings]).toEqual([false, ['not-cancelable']]);
    expect(emulator.meter.requests.map(({ route }) => route)).toEqual(['create', 'generateContent']);
  });

  it.each([404, 405, 501])('may be a %i of the collection', async (status) => {
    const { clock, emulator, images } = setupWith({ kind: 'status', route: 'create', status });
    expect(await resolution(clock, images.generateImages(lighthouse))).toHaveProperty('generatedImages.0.image');
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(1);
  });

  it.each([
    [400, 'No such aspect ratio.'],
    [401, 'background'],
    [403, 'background'],
    [409, 'background'],
  ])('is no %i (%s)', async (status, message) => {
    const { clock, emulator, images } = setupWith({ kind: 'status', route: 'create', status, message });
    expect(await rejection(clock, images.generateImages(lighthouse))).toMatchObject({ code: 'REJECTED' });
    expect(emulator.meter.requestsTo('generateContent')).toEqual([]);
  });

  it('is remembered for the model, and for no other', async () => {
    const { clock, emulator, images } = setupWith(refused);
    await resolution(clock, images.generateImages(lighthouse));
    const again = images.start(lighthouse);
    expect(again.cancelable).toBe(false);
    await resolution(clock, again.result());
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    expect(images.start({ ...lighthouse, model: 'another' }).cancelable).toBe(true);
    await clock.advance(60_000);
  });

  it('is told the console once a model, when nobody listens', async () => {
    const { clock, images } = setupWith(refused);
    for (let turn = 0; turn < 3; turn++) await resolution(clock, images.generateImages(lighthouse));
    expect(warned).toHaveBeenCalledTimes(1);
    expect(String(warned.mock.calls[0]?.[0])).toContain('cannot be cancelled on the server');
  });

  it('does not end where the console throws, as it does under Deno when the terminal is gone', async () => {
    warned.mockImplementation(() => {
      throw new Error('Input/output error (os error 5)');
    });
    const { clock, images } = setupWith(refused);
    expect((await resolution(clock, images.generateImages(lighthouse))).generatedImages).toHaveLength(1);
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('makes no batch: that is never an automatic choice', async () => {
    const { clock, emulator, images } = setupWith(refused);
    await resolution(clock, images.generateImages(lighthouse));
    expect(emulator.meter.requestsTo('batch-create')).toEqual([]);
  });
});

describe('each refused job falls back at once', () => {
  it('beside a create that is never answered', async () => {
    const {
      clock,
      emulator,
      images: client,
    } = setupWith({ ...refused, times: 1 }, { kind: 'hang', route: 'create', skip: 1 });
    const operation = client.start(images(2));
    await clock.advance(100);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(1);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
    expect(jobsOf(operation)).toEqual([
      ['models', 'succeeded'],
      ['interactions', 'unknown'],
    ]);
  });

  it('beside a create that is answered late, and goes on as it was accepted', async () => {
    const {
      clock,
      emulator,
      images: client,
    } = setupWith({ ...refused, times: 1 }, { kind: 'delay', route: 'create', ms: 2_000, skip: 1 });
    const operation = client.start(images(2));
    await clock.advance(500);
    expect(jobsOf(operation)).toEqual([
      ['models', 'running'],
      ['interactions', 'submitting'],
    ]);
    await resolution(clock, operation.result());
    expect(emulator.meter.jobs.map(({ kind }) => kind).sort()).toEqual(['background', 'generateContent']);
  });

  it('beside a create that waits to be sent again: that one is not sent again either', async () => {
    const busy: Fault = { kind: 'status', route: 'create', status: 429, headers: { 'retry-after': '20' }, times: 1 };
    const { clock, emulator, images: client } = setupWith(busy, { kind: 'delay', route: 'create', ms: 500 }, refused);
    const operation = client.start(images(2), { maxConcurrency: 2 });
    await clock.advance(1_000);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(2);
    expect(jobsOf(operation)).toEqual([
      ['models', 'running'],
      ['models', 'running'],
    ]);
    await resolution(clock, operation.result());
    expect(emulator.meter.requestsTo('create')).toHaveLength(2);
  });

  it('one after another, since only what was not sent can still be saved', async () => {
    const { clock, emulator, images: client } = setupWith(refused);
    const operation = client.start(images(3));
    await resolution(clock, operation.submitted());
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(1);
    await clock.advance(WORK_MS + 500);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({
      outcome: 'not-cancelable',
      counts: { made: 1, running: 1, notSent: 1 },
    });
    await clock.advance(600_000);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(2);
  });

  it('as many at a time as the caller allows', async () => {
    const { clock, emulator, images: client } = setupWith(refused);
    const operation = client.start(images(3), { maxConcurrency: 3 });
    await resolution(clock, operation.submitted());
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(3);
    await resolution(clock, operation.result());
  });
});

describe('after the first refusal no further create goes to interactions', () => {
  it.each([1, 2])('of 12 images, %i at a time', async (maxConcurrency) => {
    const { clock, emulator, images: client } = setupWith(refused);
    const { generatedImages } = await resolution(clock, client.generateImages(images(12), { maxConcurrency }));
    expect(generatedImages).toHaveLength(12);
    expect(emulator.meter.requestsTo('create')).toHaveLength(maxConcurrency);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(12);
  });

  it('of 12 images without a limit: 8 were on their way, and the next call sends none', async () => {
    const { clock, emulator, images: client } = setupWith(refused);
    await resolution(clock, client.generateImages(images(12)));
    expect(emulator.meter.requestsTo('create')).toHaveLength(8);
    await resolution(clock, client.generateImages(images(2)));
    expect(emulator.meter.requestsTo('create')).toHaveLength(8);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(14);
  });
});

describe('a refusal and a cancel', () => {
  it('a refusal after the cancel is the end of a job, not a reason to fall back', async () => {
    const { clock, emulator, images } = setupWith(
      { kind: 'delay', route: 'create', ms: 1_000, when: 'before' },
      refused,
    );
    const operation = images.start(lighthouse);
    await clock.advance(500);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({
      outcome: 'not-started',
      jobs: [{ state: 'not-started', error: { code: 'NOT_CANCELABLE' } }],
      counts: { made: 0, cancelled: 0, failed: 0, running: 0, notSent: 1 },
    });
    await clock.advance(60_000);
    expect([emulator.meter.jobs, warned.mock.calls]).toEqual([[], []]);
  });

  it('a cancel after a refusal leaves the request that runs, and sends no other', async () => {
    const { clock, emulator, images: client } = setupWith(refused);
    const operation = client.start(images(3));
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report.jobs.map(({ backend, state }) => [backend, state])).toEqual([
      ['models', 'running'],
      ['models', 'not-started'],
      ['models', 'not-started'],
    ]);
    expect(report).toMatchObject({ outcome: 'not-cancelable', counts: { running: 1, notSent: 2 } });
    await settle(clock, operation.result());
    await clock.advance(600_000);
    expect(emulator.meter.requestsTo('generateContent')).toHaveLength(1);
  });

  it('a cancel cancels on the server what was accepted beside a refusal', async () => {
    const { clock, emulator, images: client } = setupWith({ ...refused, times: 1 });
    const operation = client.start(images(2));
    await clock.advance(1_000);
    const report = await resolution(clock, operation.cancel());
    expect(report.jobs.map(({ backend, state }) => [backend, state])).toEqual([
      ['models', 'running'],
      ['interactions', 'cancelled'],
    ]);
    expect(report).toMatchObject({ outcome: 'not-cancelable', counts: { cancelled: 1, running: 1 } });
    expect(emulator.meter.jobs.map(({ kind, endReason }) => [kind, endReason])).toContainEqual([
      'background',
      'cancelled',
    ]);
  });
});
