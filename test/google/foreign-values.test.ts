import { describe, expect, it } from 'vitest';
import { outputsOfRows } from '../../src/google/batches/results.js';
import { parseBatch, parseVertexBatch } from '../../src/google/batches/parse-batch.js';
import { parseContent } from '../../src/google/content.js';
import { FailureReader } from '../../src/google/failures.js';
import { ModelsBackend, parseImages } from '../../src/google/models/models-backend.js';
import { checkParameters } from '../../src/google/parameters.js';
import { redactMessage } from '../../src/google/redact.js';
import type { GenAIClient } from '../../src/google/sdk.js';
import { lighthouse } from '../support/setup.js';

const clientWith = (apiKey: string, headers: Record<string, string> = {}): GenAIClient =>
  ({ apiKey, vertexai: false, apiClient: { getHeaders: () => headers } }) as unknown as GenAIClient;
const image = (name: string): object => ({ inlineData: { data: name, mimeType: 'image/png' } });
const answerWith = (...names: string[]): object => ({ candidates: [{ content: { parts: names.map(image) } }] });
const bytesOf = (outputs: readonly object[] = []): unknown[] =>
  outputs.map((output) => ('image' in output ? (output.image as { imageBytes: string }).imageBytes : output));

describe('secrets in a message', () => {
  it.each([
    ['a token without the word in front of it', 'no proxy-token-1 here'],
    ['the whole header', 'no Bearer proxy-token-1 here'],
  ])('are taken out: %s', (_, message) => {
    const client = clientWith('a-key', { authorization: 'Bearer proxy-token-1' });
    expect(redactMessage(message, client, [])).toBe('no [secret] here');
  });

  it('are taken out as a whole where one begins with another one', () => {
    const client = clientWith('secret-key', { 'x-team-key': 'secret-key-of-the-team' });
    expect(redactMessage('bad: secret-key-of-the-team, secret-key', client, [])).toBe('bad: [secret], [secret]');
  });

  it('are taken out of addresses, and so are JSON Web Tokens', () => {
    const client = clientWith('a-key');
    expect(redactMessage('from https://me:pass@host/v1?key=abc', client, [])).toBe(
      'from https://[secret]@host/v1?key=[secret]',
    );
    expect(redactMessage('bad eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJtZSJ9.c2ln!', client, [])).toBe('bad [secret]!');
  });

  it('are taken out whole where a prompt is a part of them, and a prompt where a secret is a part of it', () => {
    const key = 'AQ-fog-0123456789';
    const prompts = ['fog-', `a lighthouse named ${key} in fog`];
    expect(redactMessage(`key ${key}, prompt "${prompts[1] ?? ''}"`, clientWith(key), prompts)).toBe(
      'key [secret], prompt "[prompt]"',
    );
  });

  it('are taken out of outputs that are still to come', () => {
    const reader = new FailureReader(clientWith('secret-key'), []);
    const pending = [{ failure: 'row 1: secret-key' }];
    expect(reader.clean({ id: 'a', status: 'x', phase: 'succeeded', pending }).pending).toEqual([
      { failure: 'row 1: [secret]' },
    ]);
  });
});

describe('an error that cannot be read', () => {
  const throwing = (name: string): Error =>
    Object.defineProperty(new Error('out'), name, {
      get: () => {
        throw new Error('the key is secret-key');
      },
    });
  const headers = { get: () => 7 };

  it.each([
    ...['message', 'status', 'body', 'headers', 'cause', 'code'].map((name) => [name, throwing(name)] as const),
    ['headers that answer numbers', Object.assign(new Error('out'), { headers })] as const,
  ])('is a failure like any other: %s', async (_, error) => {
    const reader = new FailureReader(clientWith('secret-key'), []);
    const create = reader.guardCreate(() => Promise.reject(error), parseContent);
    const failure: unknown = await create.catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ name: 'CallFailure', kind: 'ambiguous' });
    expect(String(failure)).not.toContain('secret-key');
  });
});

describe('images beyond those that were asked for', () => {
  it('are kept, behind the others, by Imagen', () => {
    const generatedImages = [
      null,
      { image: { imageBytes: 'b' } },
      { raiFilteredReason: 'no' },
      { image: { imageBytes: 'd' } },
    ];
    const refusal = { refusal: 'The image was filtered, without a reason.' };
    expect(bytesOf(parseImages({ generatedImages }, 1).outputs)).toEqual(['b', 'd']);
    expect(bytesOf(parseImages({ generatedImages }, 4).outputs)).toEqual(['b', { refusal: 'no' }, 'd', refusal]);
  });

  it('are kept by a batch, in items that nobody asked for and beside others', () => {
    const inlinedResponses = [{ response: answerWith('draft', 'a') }, {}, { response: answerWith('c') }];
    const batch = { name: 'batches/1', state: 'JOB_STATE_SUCCEEDED', dest: { inlinedResponses } };
    expect(bytesOf(parseBatch(batch, 1).outputs)).toEqual(['a', 'draft', 'c']);
  });

  it('are kept by a batch on Vertex, behind the rows', () => {
    const name = 'projects/p/locations/l/batchPredictionJobs/1';
    const completionStats = { successfulCount: '1', failedCount: '1' };
    const batch = parseVertexBatch({ name, state: 'JOB_STATE_SUCCEEDED', completionStats });
    expect(bytesOf(outputsOfRows([{ response: answerWith('draft', 'a') }], batch))).toEqual([
      'a',
      { failure: 'The batch ended without a result for this row.' },
      'draft',
    ]);
  });
});

it('counts of tokens that cannot be are left out', () => {
  const usageMetadata = { promptTokenCount: -1, candidatesTokenCount: Infinity, totalTokenCount: 7 };
  expect(parseContent({ ...answerWith('a'), usageMetadata }).usage).toEqual({ totalTokens: 7 });
});

it('a `fetch` of the application may answer with less than a Response', async () => {
  const answer = { status: 200, ok: true, json: () => Promise.resolve(answerWith('a')) };
  const client = {
    vertexai: false,
    apiClient: { getFetch: () => () => Promise.resolve(answer) },
    models: {
      generateContent: async ({ config }: { config: { httpOptions: { fetch: typeof fetch } } }) =>
        (await config.httpOptions.fetch('https://host/')).json(),
    },
  } as unknown as GenAIClient;
  const backend = new ModelsBackend(client, checkParameters(lighthouse));
  const status = await backend.run([0], new AbortController().signal);
  expect(bytesOf(status.outputs)).toEqual(['a']);
});

it('parameters behind getters are read once: the prompt that was checked is the one that is sent', () => {
  let reads = 0;
  const parameters = {
    model: lighthouse.model,
    get prompt() {
      return reads++ === 0 ? 'a fox' : '';
    },
  };
  expect(checkParameters(parameters)).toMatchObject({ prompt: 'a fox' });
});
