import { expect, test } from 'vitest';
import { MODEL } from '../helpers.js';
import { COLLECTION, nameOf, rowsOf, setUpVertex } from './helpers.js';

test('pending, running, succeeded: by the clock, metered, and exported', async () => {
  const { ai, clock, createJob, emulator, resource } = setUpVertex();
  const start = clock.now();
  const created = await createJob(3, 'foxes');
  const name = nameOf(created);
  expect(name).toMatch(new RegExp(`^${COLLECTION}/\\d{19}$`));
  expect(created).toEqual({
    name,
    displayName: 'foxes',
    state: 'JOB_STATE_PENDING',
    createTime: '2026-11-01T00:00:00.000Z',
    updateTime: '2026-11-01T00:00:00.000Z',
    model: `publishers/google/models/${MODEL}`,
    src: { format: 'jsonl', gcsUri: ['gs://b/in.jsonl'] },
    dest: { format: 'jsonl', gcsUri: 'gs://b/out' },
  });
  expect(emulator.meter.requests).toMatchObject([
    { route: 'batch-create', path: `/v1beta1/${COLLECTION}`, job: name, authorized: true },
  ]);
  await clock.advance(1000);
  expect(await ai.batches.get({ name })).toMatchObject({
    state: 'JOB_STATE_RUNNING',
    startTime: '2026-11-01T00:00:01.000Z',
    completionStats: { incompleteCount: '3' },
  });
  await clock.advance(11_999);
  expect(emulator.bucket.list('gs://b/out')).toEqual([]);
  expect(await ai.batches.get({ name })).not.toHaveProperty('outputInfo');
  await clock.advance(1);
  const directory = 'gs://b/out/prediction-model-2026-11-01T00:00:01.000000Z';
  expect(await ai.batches.get({ name })).toMatchObject({
    state: 'JOB_STATE_SUCCEEDED',
    endTime: '2026-11-01T00:00:13.000Z',
    outputInfo: { gcsOutputDirectory: directory },
    completionStats: { successfulCount: '3' },
  });
  expect(await resource(name)).not.toHaveProperty('error');
  expect(emulator.bucket.list('gs://b/out')).toEqual([`${directory}/predictions.jsonl`]);
  expect(rowsOf(emulator, directory)).toMatchObject([
    { status: '', processed_time: '2026-11-01T00:00:05.000Z', key: '0', request: { contents: 'fox 0' } },
    { key: '1' },
    {
      key: '2',
      response: {
        candidates: [{ content: { parts: [{ inlineData: { mimeType: 'image/jpeg' } }] } }],
        usageMetadata: { candidatesTokenCount: 1120 },
      },
    },
  ]);
  expect(emulator.meter.jobs[0]).toEqual({
    name,
    index: 0,
    kind: 'batch',
    model: MODEL,
    displayName: 'foxes',
    workMs: 12_000,
    createdAt: start,
    startedAt: start + 1000,
    endedAt: start + 13_000,
    gpuMs: 12_000,
    status: 'JOB_STATE_SUCCEEDED',
    endReason: 'completed',
    deleted: false,
    items: { total: 3, completed: 3, cancelled: 0, failed: 0 },
  });
  expect(clock.pendingTimers).toBe(0);
});

test('rows that cannot be worked on cost nothing and say why; refused ones have their words', async () => {
  const { clock, createJob, emulator, rows } = setUpVertex({
    batchQueueMs: 0,
    faults: [
      { kind: 'refuse', item: 3, text: 'No.' },
      { kind: 'fail', item: 4, code: 'internal', message: 'broken' },
    ],
  });
  const config = { imageConfig: { aspectRatio: '7:5' } };
  emulator.bucket.put(
    'gs://b/in.jsonl',
    `{"request":{"contents":"x"}}\n\nrubbish\n{"request":${JSON.stringify({ contents: 'x', generationConfig: config })}}\n` +
      '{"request":{"contents":"x"}}\n{"request":{"contents":"x"}}\n{"contents":"x"}\n"text"\n',
  );
  await createJob(undefined);
  await clock.advance(12_000);
  expect((await rows()).map(({ status, response }) => [status, response.candidates?.[0]?.finishReason])).toEqual([
    ['', 'STOP'],
    ['Error 3: The row is not JSON.', undefined],
    [expect.stringMatching(/^Error 3: Invalid value for `aspectRatio`/), undefined],
    ['', 'NO_IMAGE'],
    ['Error 13: broken', undefined],
    ['Error 3: The row has no request.', undefined],
    ['Error 3: The row has no request.', undefined],
  ]);
  expect(emulator.meter.jobs[0]).toMatchObject({
    gpuMs: 12_000,
    status: 'JOB_STATE_SUCCEEDED',
    items: { total: 7, completed: 2, failed: 5, cancelled: 0 },
  });
});

test('several files are read one after another', async () => {
  const { ai, emulator, clock, rows } = setUpVertex({ batchQueueMs: 0 });
  emulator.bucket.put('gs://b/1.jsonl', '{"request":{"contents":"one"}}');
  emulator.bucket.put('gs://b/2.jsonl', '{"request":{"contents":"two"}}');
  const src = { gcsUri: ['gs://b/1.jsonl', 'gs://b/2.jsonl'], format: 'jsonl' };
  await ai.batches.create({ model: MODEL, src, config: { dest: 'gs://b/out/' } });
  await clock.advance(8000);
  expect((await rows()).map(({ request }) => request.contents)).toEqual(['one', 'two']);
});

test.each([
  ['a file that is not there', undefined, 5],
  ['a file without rows', '\n', 3],
])('%s: the job fails when it leaves the queue', async (_, text, code) => {
  const { clock, createJob, emulator, resource } = setUpVertex();
  emulator.bucket.put('gs://b/other.jsonl', '{}');
  if (text !== undefined) emulator.bucket.put('gs://b/in.jsonl', text);
  const name = nameOf(await createJob(undefined));
  await clock.advance(999);
  expect(await resource(name)).toMatchObject({ state: 'JOB_STATE_PENDING' });
  await clock.advance(1);
  expect(await resource(name)).toMatchObject({ state: 'JOB_STATE_FAILED', error: { code } });
  expect(emulator.meter.jobs[0]).toMatchObject({ gpuMs: 0, endReason: 'failed' });
});

test('BigQuery: runs as long as for one row, and delivers nothing', async () => {
  const { ai, clock, emulator } = setUpVertex();
  const name = nameOf(await ai.batches.create({ model: MODEL, src: 'bq://p.d.in', config: { dest: 'bq://p.d.out' } }));
  await clock.advance(5000);
  const job = await ai.batches.get({ name });
  expect(job).toMatchObject({
    state: 'JOB_STATE_SUCCEEDED',
    src: { bigqueryUri: 'bq://p.d.in' },
    dest: { bigqueryUri: 'bq://p.d.out' },
  });
  expect(job.outputInfo).toBeUndefined();
  expect(emulator.bucket.list()).toEqual([]);
  expect(emulator.meter.gpuMs()).toBe(4000);
});

test('jobs of one millisecond have folders of their own', async () => {
  const { clock, createJob, emulator } = setUpVertex({ batchQueueMs: 0 });
  await createJob(1);
  await createJob(1);
  await clock.advance(4000);
  expect(emulator.bucket.list('gs://b/out/')).toHaveLength(2);
});

test('fail and expire: nothing is exported of a failed job, what is done of an expired one', async () => {
  const failed = setUpVertex({ batchQueueMs: 0, faults: [{ kind: 'fail' }] });
  const name = nameOf(await failed.createJob(1));
  await failed.clock.advance(4000);
  expect(await failed.resource(name)).toMatchObject({ state: 'JOB_STATE_FAILED', error: { code: 13 } });
  expect(failed.emulator.bucket.list('gs://b/out')).toEqual([]);
  const expired = setUpVertex({ batchQueueMs: 0, faults: [{ kind: 'expire', afterMs: 5000 }] });
  const second = nameOf(await expired.createJob(3));
  await expired.clock.advance(5000);
  expect(await expired.resource(second)).toMatchObject({ state: 'JOB_STATE_EXPIRED', error: { code: 4 } });
  expect(await expired.rows()).toHaveLength(1);
});
