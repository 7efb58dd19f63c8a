import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/testing/index.js';
import { lighthouse, resolution, setup, WORK_MS, type Setup } from '../../support/setup.js';

const { model } = lighthouse;
const BATCH_QUEUE_MS = 1_000;
const poll = { limits: { pollMs: 1_000 } };
const prompts = (count: number): { prompt: string }[] =>
  Array.from({ length: count }, (_, index) => ({ prompt: `picture ${index}` }));

function setupBatches(faults: readonly Fault[] = []): Setup {
  return setup({ emulator: { faults, batchQueueMs: BATCH_QUEUE_MS }, client: poll });
}

describe('a batch', () => {
  it('is one job for n images', async () => {
    const { clock, emulator, images } = setupBatches();
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 3, seed: 7 } }, { backend: 'batches' });
    expect(operation.cancelable).toBe(true);
    const { generatedImages } = await resolution(clock, operation.result());
    expect(generatedImages).toHaveLength(3);
    expect(new Set(generatedImages.map(({ image }) => image?.imageBytes)).size).toBe(3);
    expect(operation.jobs).toMatchObject([
      { index: 0, indices: [0, 1, 2], name: expect.stringMatching(/^batches\//) as string },
    ]);
    expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1);
    expect(emulator.meter.requestsTo('create')).toEqual([]);
  });

  it('is one job for many prompts, with the images in the order of their requests', async () => {
    const { clock, emulator, images } = setupBatches();
    const operation = images.startBatch([{ prompt: 'a' }, { prompt: 'b', config: { aspectRatio: '16:9' } }], { model });
    const indices: number[] = [];
    operation.on('image', ({ index }) => indices.push(index));
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    expect(indices).toEqual([0, 1]);
    const body = JSON.stringify(emulator.meter.requestsTo('batch-create')[0]?.body);
    expect(body).toContain('"aspectRatio":"16:9"');
  });

  it('of 20 prompts, cancelled after 7 were done, keeps the 7 with their indices', async () => {
    const { clock, emulator, images } = setupBatches();
    const operation = images.startBatch(prompts(20), { model });
    const indices: number[] = [];
    operation.on('image', ({ index }) => indices.push(index));
    await clock.advance(BATCH_QUEUE_MS + 7 * WORK_MS + WORK_MS / 2);
    const report = await resolution(clock, operation.cancel());
    expect(report.outcome).toBe('partially-cancelled');
    expect(report.response?.generatedImages).toHaveLength(7);
    expect(indices).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(report.jobs).toMatchObject([{ backend: 'batches', cancelRequests: 1, lastStatus: 'JOB_STATE_SUCCEEDED' }]);
    expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
    expect(report.billing.expectation).toBe('unknown');
    expect(emulator.meter.gpuMs()).toBeLessThan(9 * WORK_MS);
  });

  it('cancelled before it began was cancelled', async () => {
    const { clock, images } = setupBatches();
    const operation = images.startBatch(prompts(3), { model });
    await clock.advance(BATCH_QUEUE_MS / 2);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({
      outcome: 'cancelled',
      jobs: [{ lastStatus: 'JOB_STATE_CANCELLED', cancelRequests: 1 }],
    });
    expect(report).not.toHaveProperty('response');
  });

  it('that reads SUCCEEDED after a cancel, with nothing made, was cancelled', async () => {
    const { clock, images } = setupBatches();
    const operation = images.startBatch(prompts(3), { model });
    await clock.advance(BATCH_QUEUE_MS + WORK_MS / 2);
    expect(await resolution(clock, operation.cancel())).toMatchObject({
      outcome: 'cancelled',
      jobs: [{ lastStatus: 'JOB_STATE_SUCCEEDED' }],
    });
    expect(operation.state).toBe('cancelled');
  });

  it('that had completed first is completed anyway', async () => {
    const { clock, images } = setupBatches([{ kind: 'cancel-ignored', route: 'batch-cancel' }]);
    const operation = images.startBatch(prompts(1), { model });
    await clock.advance(BATCH_QUEUE_MS + WORK_MS / 2);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'completed-anyway', billing: { expectation: 'full' } });
  });

  it('whose cancel fails is asked again', async () => {
    const { clock, images } = setupBatches([{ kind: 'status', route: 'batch-cancel', status: 503, times: 2 }]);
    const operation = images.startBatch(prompts(2), { model });
    await clock.advance(BATCH_QUEUE_MS / 2);
    expect(await resolution(clock, operation.cancel())).toMatchObject({
      outcome: 'cancelled',
      jobs: [{ cancelRequests: 3 }],
    });
  });

  it('can be cancelled by its name', async () => {
    const { clock, emulator, images } = setupBatches();
    const operation = images.startBatch(prompts(2), { model });
    operation.detach();
    await resolution(clock, operation.submitted());
    const name = operation.jobs[0]?.name ?? '';
    expect(await resolution(clock, images.cancel(name))).toMatchObject({ outcome: 'cancelled', jobs: [{ name }] });
    expect(emulator.meter.requestsTo('batch-create')).toHaveLength(1);
  });

  it('cancelled by its name keeps all that were done, although nobody knew how many there were', async () => {
    const { clock, images } = setupBatches();
    const operation = images.startBatch(prompts(5), { model });
    operation.detach();
    await clock.advance(BATCH_QUEUE_MS + 2 * WORK_MS + WORK_MS / 2);
    const report = await resolution(clock, images.cancel(operation.jobs[0]?.name ?? ''));
    expect(report).toMatchObject({ outcome: 'partially-cancelled', jobs: [{ indices: [0, 1, 2, 3, 4] }] });
    expect(report.response?.generatedImages).toHaveLength(2);
  });

  it('larger than 20 MB is refused before it is sent', () => {
    const { emulator, images } = setupBatches();
    const requests = Array.from({ length: 21 }, () => ({ prompt: 'x'.repeat(1024 * 1024) }));
    expect(() => images.startBatch(requests, { model })).toThrow(RangeError);
    expect(() => images.startBatch(requests, { model })).toThrow('20 MB');
    expect(emulator.meter.requests).toEqual([]);
  });

  it.each([
    [[], { model }, 'Expected `requests`'],
    ['x', { model }, 'Expected `requests`'],
    [[{ prompt: '' }], { model }, 'Expected `prompt`'],
    [[{ text: 'x' }], { model }, 'no `text`'],
    [[{ prompt: 'x', config: { numberOfImages: 2 } }], { model }, 'numberOfImages'],
    [[{ prompt: 'x', config: { negativePrompt: 'y' } }], { model }, 'config.negativePrompt'],
    [[{ prompt: 'x' }], {}, 'options.model'],
    [[{ prompt: 'x' }], { model, backend: 'models', what: 1 }, 'no `what`'],
  ])('checks what it is given: %o', (requests, options, message) => {
    const { emulator, images } = setupBatches();
    expect(() => images.startBatch(requests as never, options as never)).toThrow(message);
    expect(emulator.meter.requests).toEqual([]);
  });

  it('is refused on Vertex, where batches cannot hold their requests', () => {
    const { images } = setup({ vertex: true });
    expect(() => images.startBatch(prompts(2), { model })).toThrow('Cloud Storage or BigQuery');
  });
});
