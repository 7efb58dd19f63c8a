import { describe, expect, it } from 'vitest';
import { BatchesBackend, VertexBatchesBackend } from '../../src/google/batches/batches-backend.js';
import { InteractionsBackend } from '../../src/google/interactions/interactions-backend.js';
import { ModelsBackend } from '../../src/google/models/models-backend.js';
import type { GenAIClient } from '../../src/google/sdk.js';
import type { ImageRequest } from '../../src/google/parameters.js';

const VERTEX_BATCH = 'projects/p/locations/l/batchPredictionJobs/1';
const requestFor = (prompt: string, isSeries = false): ImageRequest => ({
  model: 'a-model',
  prompt,
  numberOfImages: 1,
  config: { seed: 7 },
  isSeries,
});

/** A client that notes what is called with what, and has these for answers. */
function clientThat(answer: unknown, apiClient?: object): { client: GenAIClient; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]): Promise<unknown> => {
      calls.push([name, ...args]);
      return Promise.resolve(answer);
    };
  const batches = { create: note('create'), get: note('get'), cancel: note('cancel'), list: note('list') };
  const interactions = { create: note('create'), get: note('get'), cancel: note('cancel') };
  const models = { generateContent: note('generateContent'), generateImages: note('generateImages') };
  return { client: { batches, interactions, models, vertexai: false, apiClient } as unknown as GenAIClient, calls };
}

/** A client whose calls are all answered by this 400. */
function clientThatFails(message: string): GenAIClient {
  const body = JSON.stringify({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } });
  const fail = (): Promise<never> => Promise.reject(Object.assign(new Error(body), { status: 400 }));
  const module = { create: fail, get: fail, cancel: fail, list: fail, generateContent: fail };
  return { interactions: module, batches: module, models: module, vertexai: false } as unknown as GenAIClient;
}

const rejectedWith = (message: string): object => ({ name: 'CallFailure', kind: 'rejected', error: { message } });

/** How long a call may take, and how often it is tried by the SDK itself: once, or it would be paid for twice. */
const onceWithin = (timeout: number): object => ({ httpOptions: { timeout, retryOptions: { attempts: 1 } } });

describe('the calls of interactions', () => {
  const interaction = { id: '1', status: 'queued' };

  it.each([undefined, {}])(
    'are tried once, for whole milliseconds that a timer can take (HTTP client: %o)',
    async (http) => {
      const { client, calls } = clientThat(interaction, http);
      const backend = new InteractionsBackend(client, requestFor('a fox'));
      await backend.create([0]);
      await backend.read('1', 1_499.7);
      await backend.read('1', 0);
      await backend.cancel('1', 2 ** 40);
      expect(calls.map((call) => call.at(-1))).toStrictEqual([
        { maxRetries: 0 },
        { maxRetries: 0, timeout: 1_500 },
        { maxRetries: 0, timeout: 1 },
        { maxRetries: 0, timeout: 2 ** 31 - 1 },
      ]);
      expect(calls.slice(1).map((call) => call.slice(0, -1))).toStrictEqual([
        ['get', '1', {}],
        ['get', '1', {}],
        ['cancel', '1', {}],
      ]);
    },
  );

  it('do not take over a timeout of the client for a create', async () => {
    const { client, calls } = clientThat(interaction, { getTimeout: () => 10 });
    await new InteractionsBackend(client, requestFor('a fox')).create([0]);
    expect(calls[0]?.at(-1)).toStrictEqual({ maxRetries: 0, timeout: 2 ** 31 - 1 });
  });

  it('open a stream from its beginning, or after an event', async () => {
    const { client, calls } = clientThat({ getReader: () => undefined });
    const backend = new InteractionsBackend(client, 'a-model');
    await backend.stream('1', undefined);
    await backend.stream('1', 'e7');
    expect(calls).toStrictEqual([
      ['get', '1', { stream: true }, { maxRetries: 0 }],
      ['get', '1', { stream: true, last_event_id: 'e7' }, { maxRetries: 0 }],
    ]);
  });

  it('make nothing where there is nothing to make', async () => {
    const { client, calls } = clientThat(interaction);
    await expect(new InteractionsBackend(client, 'a-model').create([0])).rejects.toThrow('it has nothing to send');
    expect(calls).toEqual([]);
  });

  it.each([
    ['v1', 400, true],
    ['v1', 404, true],
    ['v1', 403, false],
    ['v1', undefined, false],
    ['v1beta', 400, false],
    [undefined, 404, false],
  ])('of the version %s that are refused with %s: v1beta may help is %s', (version, status, helps) => {
    const apiClient = version === undefined ? {} : { getApiVersion: () => version };
    const hint = new InteractionsBackend(clientThat({}, apiClient).client, 'a-model').hint(status);
    expect(hint).toBe(
      helps ? " If this API version has no interactions, try `new GoogleGenAI({ apiVersion: 'v1beta' })`." : '',
    );
    expect(new InteractionsBackend(clientThat({}).client, 'a-model').hint(status)).toBe('');
  });

  it('keep the prompt out of failures, where there is one', async () => {
    const client = clientThatFails('no a fox');
    const backend = new InteractionsBackend(client, requestFor('a fox'));
    await expect(backend.create([0])).rejects.toMatchObject(rejectedWith('no [prompt]'));
    await expect(backend.read('1', 1)).rejects.toMatchObject(rejectedWith('no [prompt]'));
    await expect(backend.stream('1', undefined)).rejects.toMatchObject(rejectedWith('no [prompt]'));
    await expect(backend.cancel('1', 1)).rejects.toMatchObject(rejectedWith('no [prompt]'));
    await expect(new InteractionsBackend(client, 'a-model').read('1', 1)).rejects.toMatchObject(
      rejectedWith('no a fox'),
    );
  });

  it('are refused the background at a create only', async () => {
    const backend = new InteractionsBackend(clientThatFails('no background'), requestFor('a fox'));
    await expect(backend.create([0])).rejects.toMatchObject({ kind: 'background-refused' });
    await expect(backend.read('1', 1)).rejects.toMatchObject({ kind: 'rejected' });
    await expect(backend.cancel('1', 1)).rejects.toMatchObject({ kind: 'rejected' });
  });
});

describe('the calls of batches', () => {
  const batch = { name: 'batches/1', state: 'JOB_STATE_PENDING' };
  const inlined = (contents: string, seed: number): object => ({
    contents,
    config: { responseModalities: ['TEXT', 'IMAGE'], seed },
  });

  it('are tried once, and for a whole number of milliseconds', async () => {
    const { client, calls } = clientThat(batch);
    const backend = new BatchesBackend(client, 'a-model', [requestFor('a fox'), requestFor('an owl')]);
    await backend.create([0, 1], 'a-name');
    await backend.read('batches/1', 1_499.7, [0]);
    await backend.cancel('batches/1', 0);
    expect(calls).toStrictEqual([
      [
        'create',
        {
          model: 'a-model',
          src: [inlined('a fox', 7), inlined('an owl', 7)],
          config: { displayName: 'a-name', httpOptions: { retryOptions: { attempts: 1 } } },
        },
      ],
      ['get', { name: 'batches/1', config: onceWithin(1_500) }],
      ['cancel', { name: 'batches/1', config: onceWithin(1) }],
    ]);
  });

  it('make of a series images that differ, and only those that are wanted', async () => {
    const { client, calls } = clientThat(batch);
    const series = Array.from({ length: 3 }, () => requestFor('a fox', true));
    await new BatchesBackend(client, 'a-model', series).create([1, 2, 9], 'a-name');
    expect(calls).toMatchObject([['create', { src: [inlined('a fox', 8), inlined('a fox', 9)] }]]);
    expect((calls[0]?.[1] as { src: unknown[] }).src).toHaveLength(2);
  });

  it('take 20 MB and not one byte more', () => {
    const { client } = clientThat(batch);
    const bytesOf = (length: number): (() => unknown) => {
      return () => new BatchesBackend(client, 'a-model', [requestFor('x'.repeat(length))]);
    };
    const overhead = JSON.stringify([inlined('', 7)]).length;
    expect(bytesOf(20 * 1024 * 1024 - overhead)).not.toThrow();
    expect(bytesOf(20 * 1024 * 1024 - overhead + 1)).toThrow(
      'Expected `requests` to be at most 20971520 bytes (20 MB) of JSON, got `20971521`',
    );
  });

  it('keep every prompt out of failures, and know no way to help', async () => {
    const client = clientThatFails('neither a fox nor an owl, no background');
    const backend = new BatchesBackend(client, 'a-model', [requestFor('a fox'), requestFor('an owl')]);
    const failure = rejectedWith('neither [prompt] nor [prompt], no background');
    await expect(backend.create([0, 1], 'a-name')).rejects.toMatchObject(failure);
    await expect(backend.read('batches/1', 1, [0])).rejects.toMatchObject(failure);
    await expect(backend.cancel('batches/1', 1)).rejects.toMatchObject(failure);
    await expect(backend.find('a-name')).rejects.toMatchObject(failure);
    expect(backend).not.toHaveProperty('hint');
  });

  it('are on Vertex told where the requests are, and where the results go', async () => {
    const { client, calls } = clientThat({ name: VERTEX_BATCH, state: 'JOB_STATE_PENDING' });
    const request = { model: 'a-model', source: 'gs://b/in.jsonl', destination: 'gs://b/out' };
    const backend = new VertexBatchesBackend(client, request);
    await backend.create([], 'a-name');
    await backend.read(VERTEX_BATCH, 1_499.7, []);
    await backend.cancel(VERTEX_BATCH, 2_000);
    expect(calls).toStrictEqual([
      [
        'create',
        {
          model: 'a-model',
          src: 'gs://b/in.jsonl',
          config: { displayName: 'a-name', dest: 'gs://b/out', httpOptions: { retryOptions: { attempts: 1 } } },
        },
      ],
      ['get', { name: VERTEX_BATCH, config: onceWithin(1_500) }],
      ['cancel', { name: VERTEX_BATCH, config: onceWithin(2_000) }],
    ]);
    expect(backend.model).toBe('a-model');
    expect(backend).not.toHaveProperty('hint');
  });

  it('make nothing of a job on Vertex that exists already', async () => {
    const { client, calls } = clientThat({});
    const backend = new VertexBatchesBackend(client, 'a-model');
    expect(backend.model).toBe('a-model');
    await expect(backend.create([], 'a-name')).rejects.toThrow('it has nothing to send');
    expect(calls).toEqual([]);
  });

  it('cannot be prepared without an address', async () => {
    for (const apiClient of [undefined, {}, { getApiVersion: () => 'v1' }, { getBaseUrl: () => 'https://host' }]) {
      const { client } = clientThat({}, apiClient);
      expect(await new BatchesBackend(client, 'a-model', []).prepareCancel()).toBeUndefined();
    }
  });
});

describe('the requests of fire and forget', () => {
  const answer = { candidates: [], generatedImages: [] };

  it.each([
    [undefined, undefined, {}],
    [1, undefined, { headers: { 'X-Server-Timeout': '1' } }],
    [1_001, undefined, { headers: { 'X-Server-Timeout': '2' } }],
    // One of the client is sent by the SDK.
    [1_001, 5_000, {}],
  ])('are tried once, and tell the server of a deadline of %s ms (the client: %s)', async (timeoutMs, own, headers) => {
    const { client, calls } = clientThat(answer, { getTimeout: () => own });
    const { signal } = new AbortController();
    await new ModelsBackend(client, requestFor('a fox'), timeoutMs).run([0], signal);
    const config = (calls[0]?.[1] as { config: Record<string, unknown> }).config;
    expect(config['httpOptions']).toStrictEqual({ retryOptions: { attempts: 1 }, ...headers });
    expect(config['abortSignal']).toBe(signal);
  });

  it.each([undefined, {}])('are made for a client with an HTTP client such as %o too', async (apiClient) => {
    const { client, calls } = clientThat(answer, apiClient);
    await new ModelsBackend(client, requestFor('a fox'), 1_000).run([2], new AbortController().signal);
    expect(calls).toMatchObject([['generateContent', { contents: 'a fox', config: { seed: 9 } }]]);
  });

  it('are one for each image, and for Imagen one for every four', async () => {
    const { client, calls } = clientThat(answer);
    const backend = new ModelsBackend(client, requestFor('a fox'), undefined);
    const imagen = new ModelsBackend(client, { ...requestFor('a fox'), model: 'imagen-4.0-generate-001' }, undefined);
    expect(backend.plan([0, 1, 2])).toEqual([[0], [1], [2]]);
    expect(imagen.plan([0, 1, 2, 3, 4])).toEqual([[0, 1, 2, 3], [4]]);
    const { outputs } = await imagen.run([0, 1], new AbortController().signal);
    expect(outputs).toHaveLength(2);
    expect(calls).toMatchObject([['generateImages', { config: { numberOfImages: 2 } }]]);
  });

  it('keep the prompt out of failures, and know no way to help', async () => {
    const backend = new ModelsBackend(clientThatFails('no a fox, no background'), requestFor('a fox'), undefined);
    await expect(backend.run([0], new AbortController().signal)).rejects.toMatchObject(
      rejectedWith('no [prompt], no background'),
    );
    expect(backend.lostHint()).toBe('It may have been carried out and be charged; what it made cannot be fetched.');
    expect(backend).not.toHaveProperty('hint');
  });
});
