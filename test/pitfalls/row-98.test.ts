import { GoogleGenAI } from '@google/genai';
import { expect, it } from 'vitest';
import { cancelable } from '../../src/index.js';
import { lighthouse, resolution, setup } from '../support/setup.js';

const imageOf = (data: string): object => ({ type: 'image', data, mime_type: 'image/png' });
const partOf = (data: string): object => ({ inlineData: { data, mimeType: 'image/png' } });

const interaction = {
  id: 'an-interaction',
  status: 'completed',
  steps: [{ type: 'model_output', content: [imageOf('one'), imageOf('two')] }],
};
const content = { candidates: [{ content: { parts: [partOf('two'), partOf('one')] } }] };

it.each([
  ['interactions', interaction],
  ['models', content],
] as const)('#98 the second image of %s is dropped: it is delivered, with a warning', async (backend, body) => {
  for (const numberOfImages of [1, 2]) {
    const { clock } = setup();
    const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: () => Promise.resolve(Response.json(body)) } });
    const operation = cancelable(ai, { clock }).start({ ...lighthouse, config: { numberOfImages } }, { backend });
    const codes: string[] = [];
    const indices: number[] = [];
    operation.on('warning', ({ code }) => codes.push(code));
    operation.on('image', ({ index }) => indices.push(index));
    const { generatedImages } = await resolution(clock, operation.result());
    const made = generatedImages.map(({ image }) => image?.imageBytes);
    expect(made).toEqual(numberOfImages === 1 ? ['one', 'two'] : ['one', 'one', 'two', 'two']);
    expect(indices.sort()).toEqual(numberOfImages === 1 ? [0, 1] : [0, 1, 2, 3]);
    expect(codes.filter((code) => code === 'extra-image')).toHaveLength(numberOfImages);
  }
});
