import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/testing/index.js';
import { MODEL } from '../helpers.js';
import { CONTENT, raw } from './raw.js';

const PATH = `/v1beta/models/${MODEL}:batchGenerateContent`;
const IMAGES = {
  ...CONTENT,
  generationConfig: { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { aspectRatio: '16:9', imageSize: '2K' } },
};

/** A batch starts after 1000 ms and works on one item for 4000 ms after another. */
function setUp(options: EmulatorOptions = {}) {
  const parts = raw(options);
  const { ask } = parts;
  const create = async (count: number, displayName?: string): Promise<string> => {
    const requests = Array.from({ length: count }, (_, i) => ({ request: IMAGES, metadata: { key: `${i}` } }));
    const { body } = await ask('POST', PATH, { batch: { displayName, inputConfig: { requests: { requests } } } });
    return body.name;
  };
  return {
    ...parts,
    createBatch: create,
    read: async (name: string) => (await ask('GET', `/v1beta/${name}`)).body,
    stop: (name: string) => ask('POST', `/v1beta/${name}:cancel`, {}),
  };
}

interface Result {
  metadata: { key: string };
  error?: { code: number };
  response?: object;
}

const resultsOf = (response: Record<string, unknown> | undefined): Result[] =>
  (response?.['inlinedResponses'] as { inlinedResponses: Result[] } | undefined)?.inlinedResponses ?? [];

describe('a batch', () => {
  test('[G] takes image requests inline, and costs what each of them does', async () => {
    const { createBatch, read, clock, emulator } = setUp();
    const name = await createBatch(2);
    await clock.advance(9000);
    const { response } = await read(name);
    expect(resultsOf(response).map(({ metadata }) => metadata.key)).toEqual(['0', '1']);
    expect(emulator.meter.gpuMs()).toBe(8000);
  });

  test('[G] inline requests may have 20 MB', async () => {
    const { ask } = setUp();
    const requests = [{ request: { contents: [{ parts: [{ text: 'x'.repeat(20 * 2 ** 20) }] }] } }];
    const answer = await ask('POST', PATH, { batch: { inputConfig: { requests: { requests } } } });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 400 } } });
  });

  test('[G] creating one is not idempotent, and a unique displayName finds it in the list', async () => {
    const { createBatch, ask } = setUp();
    const names = [await createBatch(1, 'mine'), await createBatch(1, 'mine')];
    const { operations } = (await ask('GET', '/v1beta/batches')).body;
    const found = operations.filter(({ metadata }) => metadata['displayName'] === 'mine');
    expect(found.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  test('[M] counts are texts, a running one has no done, results nest', async () => {
    const { createBatch, read, clock } = setUp();
    const name = await createBatch(2);
    await clock.advance(5000);
    const running = await read(name);
    expect(running).not.toHaveProperty('done');
    expect(running.metadata).toMatchObject({
      state: 'BATCH_STATE_RUNNING',
      batchStats: { requestCount: '2', successfulRequestCount: '1', pendingRequestCount: '1' },
    });
    await clock.advance(4000);
    const ended = await read(name);
    expect(ended).toMatchObject({ done: true, metadata: { state: 'BATCH_STATE_SUCCEEDED' } });
    expect(ended.response).toMatchObject({ inlinedResponses: { inlinedResponses: [{}, {}] } });
    expect(ended.metadata.output).toEqual({ inlinedResponses: ended.response?.['inlinedResponses'] });
  });

  test('[G] expires after 48 hours', async () => {
    const { createBatch, read, clock } = setUp({ faults: [{ kind: 'expire' }] });
    const name = await createBatch(1);
    await clock.advance(48 * 3_600_000);
    expect(await read(name)).toMatchObject({ done: true, metadata: { state: 'BATCH_STATE_EXPIRED' } });
  });
});

describe('the list', () => {
  test('[G] does not have inlined results', async () => {
    const { createBatch, ask, clock } = setUp();
    await createBatch(1);
    await clock.advance(5000);
    const { text, body } = await ask('GET', '/v1beta/batches');
    expect(body.operations).toMatchObject([{ done: true, metadata: { state: 'BATCH_STATE_SUCCEEDED' } }]);
    expect(text).not.toContain('inlinedResponses');
  });

  test.each([
    ['the newest first', {}, [4, 3, 2, 1, 0]],
    ['the oldest first', { batchListOrder: 'oldest' }, [0, 1, 2, 3, 4]],
    ['in no order', { batchListOrder: 'shuffled' }, undefined],
  ] as const)('[?] comes in pages, %s', async (_, options, order) => {
    const { createBatch, ask } = setUp(options);
    const names: string[] = [];
    for (let i = 0; i < 5; i += 1) names.push(await createBatch(1));
    const seen: number[] = [];
    let token = '';
    do {
      const { body } = await ask('GET', `/v1beta/batches?pageSize=2&pageToken=${encodeURIComponent(token)}`);
      seen.push(...body.operations.map(({ name }) => names.indexOf(name)));
      token = body.nextPageToken ?? '';
    } while (token !== '');
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
    if (order !== undefined) expect(seen).toEqual(order);
    else expect([[4, 3, 2, 1, 0].join(), [0, 1, 2, 3, 4].join()]).not.toContain(seen.join());
  });
});

describe('a cancel', () => {
  test('[G] answers {}', async () => {
    const { createBatch, stop } = setUp();
    expect(await stop(await createBatch(1))).toMatchObject({ status: 200, text: '{}' });
  });

  test('[L] before it started: CANCELLED, with the error 13', async () => {
    const { createBatch, stop, read } = setUp();
    const name = await createBatch(3);
    await stop(name);
    const batch = await read(name);
    expect(batch).toMatchObject({ error: { code: 13 }, metadata: { state: 'BATCH_STATE_CANCELLED' } });
    expect(batch).not.toHaveProperty('response');
  });

  test('[L] after that: SUCCEEDED, what is finished is kept, the others have the error 1', async () => {
    const { createBatch, stop, read, clock, emulator } = setUp();
    const name = await createBatch(3);
    await clock.advance(6000);
    await stop(name);
    const batch = await read(name);
    expect(batch.metadata.state).toBe('BATCH_STATE_SUCCEEDED');
    expect(resultsOf(batch.response).map(({ error, response }) => error?.code ?? typeof response)).toEqual([
      'object',
      1,
      1,
    ]);
    await clock.advance(60_000);
    expect(emulator.meter.gpuMs()).toBe(5000);
  });

  test.each([400, 404, 409, 200] as const)('[?] of one that has finished answers %i', async (cancelAfterEnd) => {
    const { createBatch, stop, clock } = setUp({ cancelAfterEnd });
    const name = await createBatch(1);
    await clock.advance(5000);
    expect((await stop(name)).status).toBe(cancelAfterEnd);
  });
});

describe('a batch made from a file', () => {
  const upload = async ({ ask, send }: ReturnType<typeof setUp>, text: string) => {
    const start = await send(
      'POST',
      '/upload/v1beta/files',
      { file: { displayName: 'input' } },
      {
        headers: {
          'x-goog-upload-protocol': 'resumable',
          'x-goog-upload-command': 'start',
          'x-goog-upload-header-content-length': String(text.length),
          'x-goog-upload-header-content-type': 'application/jsonl',
        },
      },
    );
    const address = start.headers.get('x-goog-upload-url') ?? '';
    const put = (piece: string, offset: number, command: string) =>
      ask('POST', address, piece, {
        headers: { 'x-goog-upload-offset': String(offset), 'x-goog-upload-command': command },
      });
    const half = text.slice(0, 10);
    expect((await put(half, 0, 'upload')).headers.get('x-goog-upload-status')).toBe('active');
    const last = await put(text.slice(10), 10, 'upload, finalize');
    expect(last.headers.get('x-goog-upload-status')).toBe('final');
    return (JSON.parse(last.text) as { file: Record<string, string> & { name: string } }).file;
  };
  const LINES = ['a', 'b', 'c'].map((key) => `${JSON.stringify({ key, request: IMAGES })}\n`).join('');
  const start = async (parts: ReturnType<typeof setUp>, text = LINES): Promise<string> => {
    const { name: fileName } = await upload(parts, text);
    return (await parts.ask('POST', PATH, { batch: { inputConfig: { fileName } } })).body.name;
  };
  const linesOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { key: string; error?: { code: number }; response?: { candidates: unknown[] } },
      );

  test('[G] the file is uploaded in pieces, and then it can be read', async () => {
    const parts = setUp();
    const file = await upload(parts, LINES);
    expect(file).toMatchObject({ displayName: 'input', state: 'ACTIVE', sizeBytes: String(LINES.length) });
    expect((await parts.ask('GET', `/v1beta/${file.name}`)).body).toMatchObject({ name: file.name });
    expect((await parts.ask('GET', '/v1beta/files/nobody')).status).toBe(404);
  });

  test('[L] answers with a file: everything is in it, and nothing inline', async () => {
    const parts = setUp({ batchConcurrency: 3 });
    const name = await start(parts);
    await parts.clock.advance(5000);
    const { text } = await parts.ask('GET', `/v1beta/${name}`);
    const { response, metadata } = await parts.read(name);
    expect(text).not.toContain('inlinedResponses');
    expect(metadata.output).toEqual({ responsesFile: response?.responsesFile });
    for (const path of ['/v1beta', '/download/v1beta']) {
      const file = await parts.ask('GET', `${path}/${response?.responsesFile ?? ''}:download?alt=media`);
      expect(linesOf(file.text).map(({ key, response: one }) => [key, one?.candidates.length])).toEqual([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ]);
    }
  });

  test('[M] the file is not there before the end', async () => {
    const parts = setUp();
    const name = await start(parts);
    await parts.clock.advance(12_999);
    expect(await parts.read(name)).not.toHaveProperty('response');
    await parts.clock.advance(1);
    expect((await parts.read(name)).response?.responsesFile).toMatch(/^files\/batch-/);
  });

  test('a line that is none fails by itself; what a cancel stopped has the error 1', async () => {
    const parts = setUp();
    const name = await start(parts, `not JSON\n${LINES}`);
    await parts.clock.advance(6000);
    await parts.stop(name);
    const { response } = await parts.read(name);
    const file = await parts.ask('GET', `/v1beta/${response?.responsesFile ?? ''}:download`);
    expect(linesOf(file.text).map(({ error }) => error?.code)).toEqual([3, undefined, 1, 1]);
  });

  test('a file that there is not is a 400', async () => {
    const { ask } = setUp();
    expect((await ask('POST', PATH, { batch: { inputConfig: { fileName: 'files/x' } } })).status).toBe(400);
  });
});

describe('Vertex', () => {
  const COLLECTION = '/v1beta1/projects/p/locations/us-central1/batchPredictionJobs';
  const JOB = {
    displayName: 'd',
    model: `publishers/google/models/${MODEL}`,
    inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: ['gs://b/in'] } },
    outputConfig: { predictionsFormat: 'jsonl', gcsDestination: { outputUriPrefix: 'gs://b/out' } },
  };
  const vertex = async () => {
    const parts = raw();
    const row = JSON.stringify({ request: CONTENT });
    parts.emulator.bucket.put('gs://b/in', `${row}\n${row}`);
    const { name } = (await parts.ask('POST', COLLECTION, JOB)).body;
    return { ...parts, path: `/v1beta1/${name}` };
  };

  test('[G] reads from Cloud Storage or BigQuery, and from nowhere else', async () => {
    const { ask } = raw();
    const input = (inputConfig: object) => ask('POST', COLLECTION, { ...JOB, inputConfig });
    expect((await input({ requests: { requests: [{ request: CONTENT }] } })).status).toBe(400);
    expect((await input({ bigquerySource: { inputUri: 'bq://p.d.t' } })).status).toBe(200);
  });

  test('[G] a cancel cannot be sent twice', async () => {
    const { ask, path } = await vertex();
    expect((await ask('POST', `${path}:cancel`, {})).status).toBe(200);
    expect((await ask('POST', `${path}:cancel`, {})).status).toBe(400);
  });

  test('[G] completed rows are exported when it is terminated', async () => {
    const { ask, path, clock, emulator } = await vertex();
    await clock.advance(6000);
    await ask('POST', `${path}:cancel`, {});
    const { body } = await ask('GET', path);
    const { gcsOutputDirectory } = (body as unknown as { outputInfo: { gcsOutputDirectory: string } }).outputInfo;
    expect(emulator.bucket.get(`${gcsOutputDirectory}/predictions.jsonl`)?.trim().split('\n')).toHaveLength(1);
    expect(emulator.meter.gpuMs()).toBe(5000);
  });
});
