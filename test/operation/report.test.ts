import { describe, expect, it } from 'vitest';
import type { CancelReport } from '../../src/index.js';
import type { JobOutput } from '../../src/google/port.js';
import type { Job } from '../../src/operation/job/job.js';
import type { JobEnd } from '../../src/operation/job/job-end.js';
import { leftoversOf, reportOf, type SettlingFacts } from '../../src/operation/settlement.js';
import {
  cancelableBackend,
  cancelled,
  completing,
  done,
  elsewhere,
  failure,
  image,
  jobsWith,
  jobWith,
  lastingBackend,
  notStarted,
  rejected,
  request,
  unknown,
  unread,
} from '../support/jobs.js';

const facts: SettlingFacts = { jobs: [], duplicates: [], extras: [], request, isBudgetOver: true, at: 2 };
const createReport = (jobs: readonly Job[], more: Partial<SettlingFacts> = {}): CancelReport =>
  reportOf({ ...facts, jobs, ...more }, request);

describe('reportOf()', () => {
  it('has everything that is known, and no response where nothing was made', () => {
    const jobs = [jobWith({ status: {}, end: cancelled })];
    expect(createReport(jobs)).toStrictEqual({
      outcome: 'cancelled',
      trigger: 'cancel',
      reason: 'enough',
      jobs: [
        {
          index: 0,
          backend: 'interactions',
          name: 'interactions/a',
          state: 'cancelled',
          lastStatus: 'in_progress',
          cancelRequests: 0,
        },
      ],
      counts: { made: 0, cancelled: 1, failed: 0, running: 0, notSent: 0 },
      billing: {
        expectation: 'unknown',
        basis: 'Google documents nothing about what a cancelled interaction or batch of the Gemini API costs.',
      },
      leftovers: [],
      requestedAt: 1,
      settledAt: 2,
    });
  });
});

describe('the counts of a report', () => {
  const countsOf = (...jobs: Job[]): CancelReport['counts'] => createReport(jobs).counts;

  it('are of images, by what became of them', () => {
    const ends = [done(image), cancelled, failure, unknown, notStarted, rejected, unread];
    expect(countsOf(...jobsWith(...ends))).toEqual({ made: 2, cancelled: 1, failed: 1, running: 1, notSent: 2 });
    const outputs: JobOutput[] = [image, { refusal: 'no' }, { cancelled: true }, { failure: 'no' }, elsewhere];
    const batch = jobWith({ indices: [0, 1, 2, 3, 4], end: done(...outputs) });
    expect(countsOf(batch)).toEqual({ made: 3, cancelled: 1, failed: 1, running: 0, notSent: 0 });
  });

  it('have every image of a job that has no end, and one where nobody knows how many there are', () => {
    const counts = { made: 0, cancelled: 0, failed: 0, notSent: 0 };
    expect(countsOf(jobWith({ indices: [0, 1, 2], status: {} }))).toEqual({ ...counts, running: 3 });
    expect(countsOf(jobWith({ indices: [], status: {} }))).toEqual({ ...counts, running: 1 });
    expect(countsOf(jobWith({ backend: lastingBackend() }))).toEqual({ ...counts, running: 1 });
    expect(countsOf(jobWith({ indices: [0, 1], end: notStarted }))).toEqual({ ...counts, running: 0, notSent: 2 });
  });

  it('have every row of a batch on Vertex that the server has counted', () => {
    const status = { progress: { completed: 0, total: 4 } };
    const counts = { made: 0, failed: 0, running: 0, notSent: 0 };
    expect(countsOf(jobWith({ indices: [], status, end: cancelled }))).toEqual({ ...counts, cancelled: 4 });
  });

  it('go by what is known while the images are still to be fetched', () => {
    const pending: JobOutput[] = [elsewhere, { cancelled: true }];
    const job = jobWith({ indices: [], status: { ...completing, pending } });
    expect(countsOf(job)).toEqual({ made: 1, cancelled: 1, failed: 0, running: 0, notSent: 0 });
  });
});

describe('an image that a duplicate has made', () => {
  const filling = [{ index: 0, entry: { image: { imageBytes: 'x' } } }];
  const reportOf = (...ends: (JobEnd | undefined)[]): CancelReport =>
    createReport(jobsWith(...ends), { extras: filling });

  it.each([failure, cancelled, notStarted])('counts in place of one that its job has not made: $kind', (end) => {
    expect(reportOf(end)).toMatchObject({
      outcome: 'completed-anyway',
      counts: { made: 1, cancelled: 0, failed: 0 },
      response: { generatedImages: [filling[0]?.entry] },
    });
  });

  it('does not hide that the job itself may still make it', () => {
    expect(reportOf(unknown)).toMatchObject({ outcome: 'unconfirmed', counts: { made: 0, running: 1 } });
    const lasting = createReport([jobWith({ backend: lastingBackend() })], { extras: filling });
    expect(lasting).toMatchObject({ outcome: 'not-cancelable', counts: { made: 0, running: 1 } });
  });

  it.each([
    ['runs', {}, 'unconfirmed', 1],
    ['has completed, and is still to be fetched', completing, 'cancelled', 0],
  ])('may be running only where the duplicate %s', (_, status, outcome, left) => {
    const report = createReport(jobsWith(cancelled), { duplicates: [jobWith({ status })] });
    expect([report.outcome, report.leftovers.length]).toEqual([outcome, left]);
  });

  it('fills no other place', () => {
    expect(reportOf(failure, failure)).toMatchObject({ counts: { made: 1, failed: 1 } });
  });
});

describe('leftoversOf()', () => {
  it('names what may be running, with what stops it', () => {
    const backend = cancelableBackend({ find: () => Promise.resolve([]) });
    const [lost, lasting] = [jobWith({ backend }), jobWith({ backend: lastingBackend() })];
    for (const job of [lost, lasting]) job.take({ type: 'sent' });
    const jobs = [
      jobWith({ status: {} }),
      lost,
      lasting,
      jobWith({ backend }),
      jobWith({ status: {}, end: unknown }),
      jobWith({ status: completing }),
      ...jobsWith(cancelled, failure, done(image), notStarted),
    ];
    expect(leftoversOf(jobs)).toEqual([
      { name: 'interactions/a', howToCancel: 'npx --no genai-cancel cancel interactions/a' },
      { howToCancel: `lost ${lost.displayName}` },
      {
        howToCancel:
          'It has no name and no cancel: it runs to its end on the server, and only `onImage` or an `image` listener can receive its image.',
      },
      { name: 'interactions/a', howToCancel: 'npx --no genai-cancel cancel interactions/a' },
    ]);
  });
});
