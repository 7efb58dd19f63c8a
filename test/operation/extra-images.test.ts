import { expect, it } from 'vitest';
import type { JobEnd } from '../../src/operation/job/job-end.js';
import { ExtraImages } from '../../src/operation/extra-images.js';
import type { Publisher } from '../../src/operation/publisher.js';
import { failure, jobWith } from '../support/jobs.js';

const made: JobEnd = { kind: 'completed', outputs: [{ image: { imageBytes: 'x' } }] };

it('the images of a duplicate wait for the end of its own job, whatever other jobs have ended', () => {
  const [live, ended] = [jobWith({ indices: [0], status: {} }), jobWith({ indices: [1], end: failure })];
  const published: number[] = [];
  const publisher: Pick<Publisher, 'publishImages' | 'warn'> = {
    publishImages: (_, entries) => published.push(...entries.map(({ index }) => index)),
    warn: () => undefined,
  };
  const extras = new ExtraImages(() => [live, ended], publisher as Publisher);
  extras.spare(live, jobWith({ indices: [0], end: made }));
  extras.spare(ended, jobWith({ indices: [1], end: made }));
  expect(published).toEqual([1]);
  live.finish(made);
  extras.jobEnded(live);
  // Its own image has the place: that of the duplicate follows the last one.
  expect(published).toEqual([1, 2]);
});
