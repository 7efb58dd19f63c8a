import { expect, test } from 'vitest';
import { imagesOf, labelOf } from '../../../src/cli/view/rows.js';
import type { JobReference, JobState } from '../../../src/exports.js';

function job(indices: readonly number[], state: JobState = 'succeeded'): JobReference {
  return { index: indices[0] ?? 0, ...(indices.length > 1 ? { indices } : {}), backend: 'interactions', state };
}

test('a job makes one image, or those that it says', () => {
  expect(imagesOf(job([3]))).toEqual([3]);
  expect(imagesOf(job([1, 2]))).toEqual([1, 2]);
});

test.each([
  [[0], 'image 1'],
  [[0, 1, 2], 'images 1, 2, 3'],
  [[2, 3, 4, 5], 'images 3-6'],
  [[0, 2, 4, 6], 'images 1, 3, 5, 7'],
  [[0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20], 'images 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, … (11 in all)'],
])('%j are %s', (images, label) => {
  expect(labelOf(images, [])).toBe(label);
});

test('how many images a batch makes that is known by its name only is not known before it has ended', () => {
  const batch = { index: 0, backend: 'batches', name: 'batches/a', state: 'running' } as const;
  expect(labelOf(imagesOf(batch), [batch])).toBe('the batch');
  expect(labelOf([0, 1], [{ ...batch, indices: [0, 1] }])).toBe('images 1, 2');
  expect(labelOf([0], [job([0])])).toBe('image 1');
});
