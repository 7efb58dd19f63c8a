import { GoogleGenAI } from '@google/genai';
import { expect, it } from 'vitest';
import { cancelable, type Operation } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, resolution, setup, type Setup } from '../support/setup.js';
import { startWith, ways } from './support.js';

const [interactions, batches, content] = ways;

it.each([
  [interactions, { kind: 'content-type' }],
  [interactions, { kind: 'content-type', value: 'text/html' }],
  [interactions, { kind: 'content-type', value: 'application/octet-stream' }],
  [interactions, { kind: 'cut-body', how: 'end' }],
  [interactions, { kind: 'cut-body', how: 'reset' }],
  [interactions, { kind: 'cut-body', how: 'end', bytes: 70 }],
  [batches, { kind: 'content-type' }],
  [batches, { kind: 'cut-body', how: 'end' }],
  [batches, { kind: 'cut-body', how: 'reset' }],
  [batches, { kind: 'cut-body', how: 'end', bytes: 90 }],
] as const)('#83 a name in an unreadable answer is lost: it is kept (%o, %o)', async (way, fault) => {
  const faults = [
    { ...fault, route: way?.create, times: 1 },
    { kind: 'status', route: 'batch-list', status: 500 },
  ] as Fault[];
  const { clock, emulator, operation } = startWith(faults, { way });
  await resolution(clock, operation.submitted());
  expect(operation.jobs).toMatchObject([{ name: emulator.meter.jobs[0]?.name }]);
  expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
  expect(emulator.meter.requestsTo(way?.create ?? 'create')).toHaveLength(1);
  expect(emulator.meter.requestsTo('batch-list')).toHaveLength(0);
});

/** Answers each create in its own way. */
function answering(
  answer: () => Response,
  backend: Operation['jobs'][number]['backend'],
): Setup & { operation: Operation } {
  const all = setup();
  const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: () => Promise.resolve(answer()) } });
  const operation = cancelable(ai, { clock: all.clock }).start(lighthouse, { backend });
  operation.on('warning', () => undefined);
  return { ...all, operation };
}

const step = { type: 'model_output', content: [{ type: 'image', data: 'AAAA', mime_type: 'image/png' }] };
const json = { 'content-type': 'application/json' };

it.each([
  [{ status: 'completed', steps: [step] }],
  [{ id: '', status: 'completed', steps: [step] }],
  [{ id: '../x', status: 'completed', steps: [step] }],
  [{ id: 7, steps: [step] }],
])('#61 an image without a name is thrown away: it is delivered (%o)', async (body) => {
  const { clock, operation } = answering(() => Response.json(body), 'interactions');
  const { generatedImages } = await resolution(clock, operation.result());
  expect(generatedImages).toMatchObject([{ image: { imageBytes: 'AAAA' } }]);
  expect(operation.jobs[0]).not.toHaveProperty('name');
});

it('#61 an image that has arrived in a cut answer is delivered', async () => {
  const part = '{"inlineData":{"mimeType":"image/png","data":"AAAA"}}';
  const text = `{"candidates":[{"content":{"parts":[{"text":"Here, \\"it\\" is"},${part}],"role":"mo`;
  const { clock, operation } = answering(() => new Response(text, { headers: json }), content?.backend ?? 'models');
  const { generatedImages } = await resolution(clock, operation.result());
  expect(generatedImages).toMatchObject([{ image: { imageBytes: 'AAAA' } }]);
});

it.each([
  ['interactions', {}],
  ['interactions', { id: 'a/b', status: 'in_progress' }],
  ['models', {}],
  ['models', { usageMetadata: { totalTokenCount: 7 } }],
  ['models', null],
] as const)('#61 an answer with neither a name nor an image is no answer (%s, %o)', async (backend, body) => {
  const { clock, operation } = answering(() => Response.json(body), backend);
  const [result] = await resolution(clock, Promise.allSettled([operation.result()]));
  expect(result).toMatchObject({ status: 'rejected', reason: { code: 'RESPONSE_LOST' } });
});
