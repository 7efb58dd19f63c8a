import { expect, test } from 'vitest';
import { reportLines } from '../../../src/cli/view/report.js';
import type { CancelOutcome, GenerateImagesResponse } from '../../../src/exports.js';
import { reportOf } from './report-of.js';

const image = { image: {} };
const refused = { raiFilteredReason: 'Not\nnice.' };

function textOf(
  outcome: CancelOutcome,
  generatedImages: GenerateImagesResponse['generatedImages'],
  places: string[] = [],
) {
  const lines = reportLines('batches/a', reportOf(outcome, { response: { generatedImages } }), places);
  return lines[0]?.text;
}

test.each([
  [[image], [], 'had completed before the cancel. To get its image: npx genai-cancel cancel batches/a --out FOLDER'],
  [[image], ['a.png'], 'had completed before the cancel, its image is kept as a.png'],
  [
    [image, image],
    [],
    'had completed before the cancel. To get its images: npx genai-cancel cancel batches/a --out FOLDER',
  ],
  [[image, refused, image], ['a', 'b'], 'had completed before the cancel, its images are kept as a, b'],
  [[refused], [], 'had completed before the cancel, refused by the model: Not nice.'],
])('of what had completed: what it made, %j as %j', (images, places, text) => {
  expect(textOf('completed-anyway', images, places)).toBe(`batches/a: ${text}`);
});

test('of a batch that had made some of its images', () => {
  expect(textOf('partially-cancelled', [image], ['a.png'])).toBe(
    'batches/a: cancelled, the server confirms. Some of it had completed before the cancel, its image is kept as a.png',
  );
});
