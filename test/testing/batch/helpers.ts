import { GoogleGenAI, type BatchJob } from '@google/genai';
import type { Emulator, EmulatorOptions } from '../../../src/testing/index.js';
import { fakeAuthClient } from '../../support/setup.js';
import { BASE, MODEL, requests, setUp } from '../helpers.js';

/** Prompts in the form that `ai.batches.create` takes them. */
export function inlined(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    contents: `fox ${i}`,
    metadata: { key: String(i) },
    config: { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { aspectRatio: '16:9' } },
  }));
}

/** An emulator whose batches start after 1000 ms and work on one item for 4000 ms after another. */
export function setUpBatches(options: EmulatorOptions = {}) {
  const parts = setUp(options);
  const { ai } = parts;
  const create = async (count = 3, displayName?: string): Promise<string> => {
    const config = displayName === undefined ? {} : { displayName };
    return nameOf(await ai.batches.create({ model: MODEL, src: inlined(count), config }));
  };
  const operation = async (name: string): Promise<Operation> =>
    (await parts.send('GET', `/${name}`)).json() as Promise<Operation>;
  return { ...parts, createBatch: create, operation, read: (name: string) => ai.batches.get({ name }) };
}

/** A google.longrunning.Operation, bare. */
export interface Operation {
  name: string;
  done?: boolean;
  error?: { code: number; message: string };
  response?: { inlinedResponses: { inlinedResponses: unknown[] } };
  metadata: Record<string, unknown> & { state: string; batchStats: Record<string, string> };
}

export function nameOf({ name }: BatchJob): string {
  if (name === undefined) throw new Error('The batch has no name');
  return name;
}

/** Returns the result of each item: `image`, its text, or its error code. */
export function kinds({ dest }: BatchJob): (string | number | undefined)[] {
  return (dest?.inlinedResponses ?? []).map(({ response, error }) => {
    const part = response?.candidates?.[0]?.content?.parts?.[0];
    return error?.code ?? (part?.inlineData ? 'image' : part?.text);
  });
}

/** The real SDK for Vertex on the emulator, with credentials that need no network. */
export function vertexSdk(emulator: Pick<Emulator, 'fetch'>): GoogleGenAI {
  return new GoogleGenAI({
    vertexai: true,
    project: 'p',
    location: 'us-central1',
    googleAuthOptions: { authClient: fakeAuthClient() as never },
    httpOptions: { fetch: emulator.fetch },
  });
}

/** The collection that has the jobs of the Vertex client. */
export const COLLECTION = 'projects/p/locations/us-central1/batchPredictionJobs';

/** A row of `predictions.jsonl`. */
export interface Row {
  key?: string;
  status: string;
  processed_time: string;
  request: { contents: unknown };
  response: { candidates?: { finishReason: string }[] };
}

export function rowsOf({ bucket }: Pick<Emulator, 'bucket'>, directory: string): Row[] {
  const lines = (bucket.get(`${directory}/predictions.jsonl`) ?? '').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Row);
}

/** The same for Vertex: a job reads `gs://b/in.jsonl` and writes under `gs://b/out`. */
export function setUpVertex(options: EmulatorOptions = {}) {
  const parts = setUp(options);
  const { emulator } = parts;
  const ai = vertexSdk(emulator);
  const { send } = requests(emulator, `${BASE}/v1beta1`);
  /** With a file of so many rows, or with the file that is there. */
  const createJob = (count: number | undefined, displayName = 'd'): Promise<BatchJob> => {
    const rows = Array.from({ length: count ?? 0 }, (_, i) => ({ key: String(i), request: { contents: `fox ${i}` } }));
    if (count !== undefined) emulator.bucket.put('gs://b/in.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    return ai.batches.create({ model: MODEL, src: 'gs://b/in.jsonl', config: { displayName, dest: 'gs://b/out' } });
  };
  const resource = async (name: string): Promise<unknown> => (await send('GET', `/${name}`)).json();
  const rows = async (): Promise<Row[]> => {
    const [job] = (await ai.batches.list()).page;
    return rowsOf(emulator, job?.outputInfo?.gcsOutputDirectory ?? '');
  };
  return { ...parts, ai, send, createJob, resource, rows };
}
