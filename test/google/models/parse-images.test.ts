import { describe, expect, it } from 'vitest';
import { MalformedAnswerError } from '../../../src/google/failures.js';
import { parseImages } from '../../../src/google/models/models-backend.js';

const FILTERED = { refusal: 'The image was filtered, without a reason.' };

describe('parseImages()', () => {
  it.each([undefined, null, '', 7])('refuses %o', (answer) => {
    expect(() => parseImages(answer, 1)).toThrow(MalformedAnswerError);
    expect(() => parseImages(answer, 1)).toThrow('not a GenerateImagesResponse');
  });

  it('is one entry for each image that was asked for', () => {
    const generatedImages = [{ image: { imageBytes: 'one' } }, { raiFilteredReason: 'No faces.' }];
    const outputs = [{ image: { imageBytes: 'one' } }, { refusal: 'No faces.' }, FILTERED];
    expect(parseImages({ generatedImages }, 3)).toEqual({ id: '', status: 'completed', phase: 'succeeded', outputs });
  });

  it.each([
    [{ image: { imageBytes: 'one', mimeType: 'image/png' } }, { image: { imageBytes: 'one', mimeType: 'image/png' } }],
    [{ image: { gcsUri: 'gs://b/i.png', mimeType: 7 } }, { image: { gcsUri: 'gs://b/i.png' } }],
    [{ image: { imageBytes: '', gcsUri: 'gs://b/i.png' } }, { image: { gcsUri: 'gs://b/i.png' } }],
    [{ image: { imageBytes: 7, gcsUri: '' } }, FILTERED],
    [{ image: { imageBytes: '', gcsUri: 7 } }, FILTERED],
    [{ image: null }, FILTERED],
    [{ image: 'one' }, FILTERED],
    [{ raiFilteredReason: '' }, FILTERED],
    [{ raiFilteredReason: 7 }, FILTERED],
  ])('reads %o', (entry, output) => {
    expect(parseImages({ generatedImages: [entry] }, 1).outputs).toEqual([output]);
  });

  it('finds an image that has rubbish before it', () => {
    expect(parseImages({ generatedImages: [null, { image: { imageBytes: 'one' } }] }, 1).outputs).toEqual([
      { image: { imageBytes: 'one' } },
    ]);
  });

  it.each([[[null]], [[]]])('survives a list such as %o', (generatedImages) => {
    expect(parseImages({ generatedImages }, 1).outputs).toEqual([FILTERED]);
  });

  it.each([undefined, null, {}, 'images'])('takes no answer without a list for one: %o', (generatedImages) => {
    expect(() => parseImages({ generatedImages }, 1)).toThrow('not a GenerateImagesResponse');
  });
});
