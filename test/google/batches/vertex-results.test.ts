import { describe, expect, it, vi } from 'vitest';
import { cancelable } from '../../../src/index.js';
import { cancelable as nodeCancelable } from '../../../src/node.js';
import { lighthouse, rejection, resolution, setup } from '../../support/setup.js';
import { afterRows, BATCH_QUEUE_MS, DESTINATION, putRows, setupVertex, SOURCE, warningsOf } from './vertex-setup.js';

const { model } = lighthouse;

describe('the rows of the results', () => {
  it('are put in the order of their keys', async () => {
    const { clock, emulator, images, storage } = setupVertex();
    putRows(emulator, ['10', '9', '2']);
    const operation = images.startBatch(SOURCE, { model, destination: DESTINATION, storage });
    const { generatedImages } = await resolution(clock, operation.result());
    const folder = operation.jobs[0]?.results ?? '';
    const rows = (emulator.bucket.get(`${folder}/predictions.jsonl`) ?? '').trim().split('\n').reverse();
    expect(generatedImages.map(({ image }) => rows.findIndex((row) => row.includes(image?.imageBytes ?? '-')))).toEqual(
      [0, 1, 2],
    );
  });

  it('that failed, or were refused, are told', async () => {
    const { clock, startRows } = setupVertex({
      faults: [
        { kind: 'refuse', item: 1, text: 'No foxes.' },
        { kind: 'fail', item: 2, message: 'broken' },
      ],
    });
    const operation = startRows(3);
    const messages: string[] = [];
    operation.on('warning', ({ message }) => messages.push(message));
    const { generatedImages } = await resolution(clock, operation.result());
    expect(generatedImages).toMatchObject([{ image: {} }, { raiFilteredReason: 'No foxes.' }]);
    expect(messages).toEqual([expect.stringMatching(/^Image 2: Error 13: broken/)]);
  });

  it('that stay unreadable end in an error that tells where they are', async () => {
    const { clock, storage, startRows } = setupVertex();
    const bucket = vi.fn(() => ({
      ...storage.bucket('results'),
      getFiles: () => Promise.reject(new Error('the bucket is on fire')),
    }));
    const error = await rejection(clock, startRows(1, { storage: { bucket } }).result());
    expect(error).toMatchObject({
      name: 'OperationFailedError',
      code: 'RESULT_UNREADABLE',
      cause: { message: 'the bucket is on fire' },
      jobs: [{ state: 'succeeded', results: expect.stringMatching(/^gs:/) as string }],
    });
    expect((error as Error).message).toMatch(/gs:\/\/results\/out\/prediction-.*the bucket is on fire/);
    expect(bucket).toHaveBeenCalledTimes(5);
  });

  it('that may not be read are asked for once', async () => {
    const { clock, startRows } = setupVertex();
    const bucket = vi.fn(() => {
      throw Object.assign(new Error('No.'), { code: 403 });
    });
    await rejection(clock, startRows(1, { storage: { bucket } }).result());
    expect(bucket).toHaveBeenCalledTimes(1);
  });

  it('that take their time are fetched once, and waited for', async () => {
    const { clock, storage, startRows } = setupVertex();
    const getFiles = vi.fn(async (query: { prefix: string }) => {
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, 30_000));
      return storage.bucket('results').getFiles(query);
    });
    const bucket = { ...storage.bucket('results'), getFiles };
    const operation = startRows(2, { storage: { bucket: () => bucket } });
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(2);
    expect(getFiles).toHaveBeenCalledTimes(1);
  });

  it('are not fetched after a stop if no row had succeeded', async () => {
    const { clock, storage, startRows } = setupVertex({ faults: [{ kind: 'fail', item: 0, message: 'broken' }] });
    const operation = startRows(3);
    await clock.advance(afterRows(1));
    expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
    expect(storage.calls).toEqual([]);
  });

  it('that take too long to fetch do not hide how the batch ended', async () => {
    const { clock, storage, startRows } = setupVertex();
    const bucket = { ...storage.bucket('results'), getFiles: () => new Promise<never>(() => undefined) };
    const operation = startRows(3, { storage: { bucket: () => bucket } });
    const messages: string[] = [];
    operation.on('warning', ({ code, message }) => messages.push(`${code}: ${message}`));
    await clock.advance(afterRows(2));
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'partially-cancelled', billing: { expectation: 'completed-only' } });
    expect(report.leftovers).toEqual([]);
    expect(messages).toEqual([expect.stringMatching(/^image-not-fetched: .*gs:\/\/results\/out\/prediction-/)]);
  });
});

describe('without a storage', () => {
  it.each([
    ['the core', cancelable],
    ['Node', nodeCancelable],
  ])('the response is without images, and it is told where they are: %s', async (_, wrap) => {
    const { ai, clock, emulator } = setup({ vertex: true });
    putRows(emulator, ['0', '1']);
    const images = wrap(ai, { clock, limits: { pollMs: 1_000 } });
    const operation = images.startBatch(SOURCE, { model, destination: DESTINATION });
    const messages: string[] = [];
    operation.on('warning', ({ code, message }) => messages.push(`${code}: ${message}`));
    expect(await resolution(clock, operation.result())).toEqual({ generatedImages: [] });
    const results = operation.jobs[0]?.results ?? 'none';
    expect(emulator.bucket.list(results)).toHaveLength(1);
    expect(operation).toMatchObject({ state: 'succeeded', jobs: [{ state: 'succeeded', indices: [0, 1] }] });
    expect(messages).toEqual([expect.stringMatching(/^image-not-fetched: The images of projects/)]);
    expect(messages[0]).toContain(results);
  });

  it('a cancel is reported as it ended, with the place of the results', async () => {
    const { clock, startRows } = setupVertex();
    const operation = startRows(3, { storage: undefined });
    const warnings = warningsOf(operation);
    await clock.advance(afterRows(1));
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({
      outcome: 'partially-cancelled',
      counts: { made: 1, cancelled: 2 },
      jobs: [{ results: expect.stringMatching(/^gs:/) as string }],
      response: { generatedImages: [] },
    });
    expect(warnings).toEqual(['image-not-fetched']);
  });
});

describe('a batch with a destination in BigQuery', () => {
  const destination = 'bq://a-project.pictures.foxes';

  it('resolves to a response without images, and tells where they are', async () => {
    const { clock, startRows, storage } = setupVertex();
    const operation = startRows(2, { destination });
    const messages: string[] = [];
    operation.on('warning', ({ code, message }) => messages.push(`${code}: ${message}`));
    expect(await resolution(clock, operation.result())).toEqual({ generatedImages: [] });
    expect(messages).toEqual([expect.stringMatching(/^image-not-fetched: .*bq:\/\/a-project\.pictures\.foxes/)]);
    expect(operation).toMatchObject({ state: 'succeeded', jobs: [{ results: destination }] });
    expect(storage.calls).toEqual([]);
  });

  it('can be cancelled', async () => {
    const { clock, emulator, startRows } = setupVertex();
    const operation = startRows(3, { destination });
    await clock.advance(BATCH_QUEUE_MS / 2);
    expect(await resolution(clock, operation.cancel())).toMatchObject({
      outcome: 'cancelled',
      billing: { expectation: 'completed-only' },
    });
    expect(emulator.meter.requestsTo('batch-cancel')).toHaveLength(1);
  });

  it('and its source there runs too', async () => {
    const { clock, emulator, images } = setupVertex();
    const source = 'bq://a-project.pictures.prompts';
    const operation = images.startBatch(source, { model, destination });
    const warnings = warningsOf(operation);
    expect(await resolution(clock, operation.result())).toEqual({ generatedImages: [] });
    expect(warnings).toEqual(['image-not-fetched']);
    expect(emulator.meter.requestsTo('batch-create')).toMatchObject([
      { body: { inputConfig: { bigquerySource: { inputUri: source } } } },
    ]);
  });
});
