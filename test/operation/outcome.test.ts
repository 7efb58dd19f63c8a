import { describe, expect, it } from 'vitest';
import { OperationFailedError } from '../../src/errors/operation-failed-error.js';
import type { JobOutput } from '../../src/backends/backend.js';
import type { Job, JobEnd } from '../../src/operation/job.js';
import {
  createReport,
  errorOf,
  finalStateOf,
  leftoversOf,
  liveStateOf,
  outcomeOf,
  responseOf,
} from '../../src/operation/outcome.js';
import { cancelableBackend, failure, jobWith, lastingBackend, refusal, unknown } from '../support/jobs.js';

const image: JobOutput = { image: { imageBytes: 'x' } };
const elsewhere: JobOutput = { elsewhere: 'gs://bucket' };
const done = (...outputs: JobOutput[]): JobEnd => ({ kind: 'completed', outputs });
const unread: JobEnd = {
  kind: 'completed',
  outputs: [elsewhere],
  failure: () => new Error('It cannot be read.'),
};
const cancelled: JobEnd = { kind: 'cancelled' };
const notStarted: JobEnd = { kind: 'not-started' };
const completing = { status: 'completed', phase: 'succeeded' } as const;
const jobsWith = (...ends: (JobEnd | undefined)[]): Job[] =>
  ends.map((end, index) => jobWith({ indices: [index], ...(end === undefined ? {} : { end }) }));
const stop = { trigger: 'cancel', reason: 'enough', requestedAt: 1 } as const;

describe('outcomeOf()', () => {
  it.each<[string, JobEnd[]]>([
    ['unconfirmed', [unknown, done(image), cancelled]],
    ['partially-cancelled', [done(image), cancelled, failure]],
    ['partially-cancelled', [done(image), notStarted]],
    ['partially-cancelled', [done(image, { cancelled: true })]],
    ['completed-anyway', [done(image), failure]],
    ['completed-anyway', [done(image, { failure: 'no' })]],
    ['completed-anyway', [done({ refusal: 'no' })]],
    ['cancelled', [cancelled, notStarted, failure]],
    ['cancelled', [done({ cancelled: true })]],
    ['failed-anyway', [failure, notStarted]],
    ['failed-anyway', [done({ failure: 'no' })]],
    ['not-started', [notStarted]],
  ])('is %s', (outcome, ends) => {
    expect(outcomeOf(jobsWith(...ends))).toBe(outcome);
  });

  it('is unconfirmed of a job without an end, unless the server has said that it completed', () => {
    expect(outcomeOf(jobsWith(undefined, cancelled))).toBe('unconfirmed');
    expect(outcomeOf([jobWith({ status: completing })])).toBe('completed-anyway');
    expect(outcomeOf([jobWith({ status: { ...completing, pending: [{ cancelled: true }] } })])).toBe('cancelled');
  });

  it('is not-cancelable where a request is left that nothing can stop', () => {
    const left = jobWith({ backend: lastingBackend() });
    expect(outcomeOf([left, ...jobsWith(done(image))])).toBe('not-cancelable');
    expect(outcomeOf([left, ...jobsWith(undefined)])).toBe('unconfirmed');
  });
});

describe('responseOf()', () => {
  it('has what was made or refused, in the order of the images', () => {
    const jobs = [
      jobWith({ indices: [2, 0], end: done(image, { refusal: 'no' }) }),
      jobWith({ indices: [1], end: failure }),
    ];
    expect(responseOf(jobs)).toEqual({
      generatedImages: [{ raiFilteredReason: 'no' }, { image: { imageBytes: 'x' } }],
    });
  });

  it('is none where nothing was made, but is empty where that lies elsewhere and nobody wanted it fetched', () => {
    expect(responseOf(jobsWith(cancelled, failure, undefined))).toBeUndefined();
    expect(responseOf(jobsWith(done({ failure: 'no' })))).toBeUndefined();
    expect(responseOf(jobsWith(done({ failure: 'no' }, elsewhere)))).toEqual({ generatedImages: [] });
    expect(responseOf(jobsWith(unread))).toBeUndefined();
    expect(responseOf(jobsWith(failure, done(elsewhere)))).toEqual({ generatedImages: [] });
  });
});

describe('liveStateOf()', () => {
  const at = (state: 'waiting' | 'submitting' | 'queued' | 'running' | 'cancelled'): Job => {
    if (state === 'queued' || state === 'running') return jobWith({ status: { phase: state } });
    const job = jobWith(state === 'cancelled' ? { end: cancelled } : {});
    if (state === 'submitting') job.submitting();
    return job;
  };

  it.each([
    [['running', 'waiting'], 'submitting'],
    [['queued', 'submitting'], 'submitting'],
    [['queued', 'queued'], 'queued'],
    [['queued', 'running'], 'running'],
    [['queued', 'cancelled'], 'running'],
  ] as const)('of %o is %s', (states, live) => {
    expect(liveStateOf(states.map(at))).toBe(live);
  });
});

describe('finalStateOf()', () => {
  it('goes by the report of a stop', () => {
    const stateAfter = (...ends: (JobEnd | undefined)[]): string => {
      const jobs = jobsWith(...ends);
      return finalStateOf(jobs, createReport(jobs, stop, 2));
    };
    expect(stateAfter(notStarted)).toBe('cancelled');
    expect(stateAfter(cancelled)).toBe('cancelled');
    expect(stateAfter(cancelled, done(image))).toBe('cancelled');
    expect(stateAfter(done(image))).toBe('succeeded');
    expect(stateAfter(failure)).toBe('failed');
    expect(stateAfter(undefined)).toBe('abandoned');
    const left = [jobWith({ backend: lastingBackend() })];
    expect(finalStateOf(left, createReport(left, stop, 2))).toBe('abandoned');
  });

  it('goes by what was made where nobody had asked for a stop', () => {
    expect(finalStateOf(jobsWith(done(image), failure), undefined)).toBe('succeeded');
    expect(finalStateOf(jobsWith(cancelled, cancelled), undefined)).toBe('cancelled');
    expect(finalStateOf(jobsWith(cancelled, failure), undefined)).toBe('failed');
  });
});

describe('errorOf()', () => {
  const errorOfJobs = (jobs: readonly Job[]): Error | undefined => errorOf(jobs, undefined, 'reject');

  it('is none where anything was made', () => {
    expect(errorOfJobs(jobsWith(done(image), unknown))).toBeUndefined();
  });

  it('is the gravest: first what may still be running, then what failed, then what was refused', () => {
    const refused: JobEnd = { kind: 'not-started', failure: () => new Error('It was never started.') };
    expect(errorOfJobs(jobsWith(unread, refused, failure, unknown))?.message).toBe('Nobody knows.');
    expect(errorOfJobs(jobsWith(unread, refused, failure))?.message).toBe('It has failed.');
    expect(errorOfJobs(jobsWith(unread, refused, notStarted))?.message).toBe('It was never started.');
    expect(errorOfJobs(jobsWith(cancelled, unread))?.message).toBe('It cannot be read.');
  });

  it('names all jobs', () => {
    const error = errorOfJobs(jobsWith(cancelled, refusal(400)));
    expect(error).toMatchObject({ name: 'NotStartedError', jobs: [{ index: 0 }, { index: 1 }] });
  });

  it('tells why the images of a batch failed', () => {
    const job = jobWith({ status: { ...completing, outputs: [{ cancelled: true }, { failure: 'Bad.' }] } });
    const error = errorOfJobs([job]);
    expect(error).toBeInstanceOf(OperationFailedError);
    expect(error).toMatchObject({ message: 'The server made none of the images: Bad.', status: 'completed' });
  });

  it('tells of jobs that were cancelled, but not from here', () => {
    expect(errorOfJobs(jobsWith(cancelled))).toMatchObject({
      message: 'The job was cancelled on the server, but not from here.',
      status: 'cancelled',
      jobs: [{ state: 'cancelled' }],
    });
  });

  it('of a stop is an OperationCancelledError, unless a lost race may be a normal result', () => {
    const completed = jobsWith(done(image));
    const report = createReport(completed, stop, 2);
    expect(errorOf(completed, report, 'reject')).toMatchObject({ code: 'ABORT_ERR', report });
    expect(errorOf(completed, report, 'resolve')).toBeUndefined();
    const others = jobsWith(done(image), cancelled);
    expect(errorOf(others, createReport(others, stop, 2), 'resolve')).toMatchObject({ code: 'ABORT_ERR' });
    const unfetched = [jobWith({ status: completing })];
    expect(errorOf(unfetched, createReport(unfetched, stop, 2), 'resolve')).toMatchObject({ code: 'ABORT_ERR' });
  });
});

describe('createReport()', () => {
  it('has everything that is known, and no response where nothing was made', () => {
    const jobs = [jobWith({ status: {}, end: cancelled })];
    expect(createReport(jobs, stop, 2)).toStrictEqual({
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

describe('leftoversOf()', () => {
  it('names what may be running, with what stops it', () => {
    const backend = cancelableBackend({ find: () => Promise.resolve([]) });
    const jobs = [
      jobWith({ status: {} }),
      jobWith({ backend }),
      jobWith({ backend: lastingBackend() }),
      jobWith({ status: {}, end: unknown }),
      jobWith({ status: completing }),
      ...jobsWith(cancelled, failure, done(image), notStarted),
    ];
    expect(leftoversOf(jobs)).toEqual([
      { name: 'interactions/a', howToCancel: 'npx genai-cancel cancel interactions/a' },
      { howToCancel: `lost ${jobs[1]?.displayName}` },
      { howToCancel: 'It has no name and no cancel: it runs to its end on the server.' },
      { name: 'interactions/a', howToCancel: 'npx genai-cancel cancel interactions/a' },
    ]);
  });
});
