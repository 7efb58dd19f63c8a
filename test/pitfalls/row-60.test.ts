import { GoogleGenAI } from '@google/genai';
import { expect, it } from 'vitest';
import { cancelable } from '../../src/index.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';

const rowOf = (key: string): string =>
  JSON.stringify({ key, request: { contents: [{ parts: [{ text: `fox ${key}` }] }] } });

/** Starts a batch from a file by the SDK itself, and returns its name. */
async function batchFromFile({ ai, clock }: Setup, keys: readonly string[]): Promise<string> {
  const file = new Blob([keys.map(rowOf).join('\n')], { type: 'application/jsonl' });
  const uploaded = await resolution(clock, ai.files.upload({ file, config: { mimeType: 'application/jsonl' } }));
  const { name = '' } = await resolution(
    clock,
    ai.batches.create({ model: lighthouse.model, src: uploaded.name ?? '', config: { displayName: 'mine' } }),
  );
  return name;
}

it('#60 a batch made from a file made nothing: attached to by its name, its images are delivered', async () => {
  const all = setup();
  const operation = all.images.attach(await batchFromFile(all, ['c', 'a', 'b']));
  const { generatedImages } = await resolution(all.clock, operation.result());
  expect(generatedImages).toHaveLength(3);
  expect(generatedImages.every(({ image }) => image?.imageBytes !== undefined)).toBe(true);
  expect(operation.jobs[0]?.results).toMatch(/^files\//);
});

it('#60 a batch made from a file: a cancel delivers what was finished', async () => {
  const all = setup();
  const name = await batchFromFile(all, ['0', '1', '2']);
  await all.clock.advance(1_000 + 4_000 + 1_000);
  const report = await resolution(all.clock, all.images.cancel(name));
  expect(report).toMatchObject({ outcome: 'partially-cancelled', counts: { made: 1, cancelled: 2 } });
  expect(report.response?.generatedImages).toHaveLength(1);
});

it.each([403, 404, 500])('#60 a file that answers %i is named', async (status) => {
  const all = setup();
  const name = await batchFromFile(all, ['0']);
  const own: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    const isFile = request.url.includes(':download');
    return isFile ? Promise.resolve(new Response('no', { status })) : all.emulator.fetch(request);
  };
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: own } });
  const error = await rejection(all.clock, cancelable(ai, { clock: all.clock }).attach(name).result());
  expect(error).toMatchObject({ code: 'RESULT_UNREADABLE' });
  expect((error as Error).message).toMatch(/files\/batch-/);
});

it('#60 requests that are too large are refused with the way to send them', () => {
  const { images } = setup();
  const requests = Array.from({ length: 21 }, () => ({ prompt: 'x'.repeat(1_024 * 1_024) }));
  expect(() => images.startBatch(requests, { model: lighthouse.model })).toThrow(
    /20 MB.*ai\.files.*ai\.batches.*attach/,
  );
});
