import { describe, expect, it } from 'vitest';
import { NotStartedError, OperationFailedError, type CancelOutcome, type OperationState } from '../../src/index.js';
import type { Job } from '../../src/operation/job/job.js';
import { unreadableEnd, type JobEnd } from '../../src/operation/job/job-end.js';
import {
  liveStateOf,
  outcomeOf,
  responseOf,
  settlementOf,
  type Settlement,
  type SettlingFacts,
} from '../../src/operation/settlement.js';
import {
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
  refusal,
  rejected,
  request,
  unknown,
  unread,
} from '../support/jobs.js';

const factsOf = (jobs: readonly Job[], more: Partial<SettlingFacts> = {}): SettlingFacts => {
  return { jobs, duplicates: [], extras: [], request: undefined, isBudgetOver: false, at: 2, ...more };
};
const settledAs = (jobs: readonly Job[], more: Partial<SettlingFacts> = {}): Settlement => {
  const settlement = settlementOf(factsOf(jobs, more));
  if (settlement === undefined) throw new Error('It has not settled.');
  return settlement;
};

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
    ['failed-anyway', [failure, rejected]],
    ['failed-anyway', [done({ failure: 'no' })]],
    ['not-started', [notStarted]],
    ['not-started', [rejected, notStarted]],
    ['partially-cancelled', [done(image), rejected]],
    ['cancelled', [cancelled, rejected]],
  ])('is %s', (outcome, ends) => {
    expect(outcomeOf(jobsWith(...ends))).toBe(outcome);
  });

  it('is unconfirmed of a job without an end, unless the server has said that it completed', () => {
    expect(outcomeOf(jobsWith(undefined, cancelled))).toBe('unconfirmed');
    expect(outcomeOf([jobWith({ status: completing })])).toBe('completed-anyway');
    const pending = [{ cancelled: true }] as const;
    expect(outcomeOf([jobWith({ status: { ...completing, pending } })])).toBe('cancelled');
    expect(outcomeOf([jobWith({ status: { ...completing, phase: 'running', pending } })])).toBe('unconfirmed');
    expect(outcomeOf([jobWith({ status: { ...completing, pending }, end: failure })])).toBe('failed-anyway');
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
  const at = (state: 'waiting' | 'queued' | 'running' | 'cancelled'): Job =>
    state === 'queued' || state === 'running'
      ? jobWith({ status: { phase: state } })
      : jobWith(state === 'cancelled' ? { end: cancelled } : {});

  it.each([
    [['queued', 'waiting'], 'queued'],
    [['queued', 'queued'], 'queued'],
    [['running', 'waiting'], 'running'],
    [['queued', 'running'], 'running'],
    [['queued', 'cancelled'], 'running'],
  ] as const)('of %o is %s', (states, live) => {
    expect(liveStateOf(states.map(at))).toBe(live);
  });
});

describe('an operation has settled', () => {
  const live = jobWith({ status: {} });
  const lasting = jobWith({ backend: lastingBackend() });
  const ended = jobWith({ indices: [1], end: done(image) });
  const abandoned = jobWith({ status: {} });
  abandoned.close();

  it.each<[boolean, string, readonly Job[], Partial<SettlingFacts>]>([
    [false, 'a job is live', [live, ended], {}],
    [false, 'a request is live that nothing can cancel', [lasting, ended], {}],
    [true, 'every job has ended', [ended], {}],
    [true, 'every job has ended, and a duplicate is live: only a cancel waits for it', [ended], { duplicates: [live] }],
    [false, 'a cancel waits for a job', [live, ended], { request }],
    [false, 'a cancel waits for a duplicate', [ended], { request, duplicates: [live] }],
    [true, 'a cancel waits for no request that nothing can cancel', [lasting, ended], { request }],
    [true, 'nobody watches the duplicate any more', [ended], { request, duplicates: [abandoned] }],
    [true, 'the time for the report is over', [live], { request, duplicates: [live], isBudgetOver: true }],
  ])('%s: %s', (isSettled, _, jobs, more) => {
    expect(settlementOf(factsOf(jobs, more)) !== undefined).toBe(isSettled);
  });

  it('with what the server has reported as used', () => {
    const job = jobWith({ status: { usage: { totalTokens: 5 } }, end: failure });
    expect(settledAs([job])).toMatchObject({ at: 2, usage: { totalTokens: 5 } });
    expect(settledAs([ended])).not.toHaveProperty('usage');
  });

  it('with the image that only a duplicate has made', () => {
    const extras = [{ index: 0, entry: { image: { imageBytes: 'x' } } }];
    expect(settledAs(jobsWith(failure), { extras })).toMatchObject({
      state: 'succeeded',
      response: { generatedImages: [extras[0]?.entry] },
    });
  });

  it('as abandoned while a duplicate may be running', () => {
    const { state, report } = settledAs([ended], { request, duplicates: [abandoned] });
    expect([state, report?.outcome]).toEqual(['abandoned', 'unconfirmed']);
    expect(report?.leftovers).toMatchObject([{ name: 'interactions/a' }]);
  });
});

describe('A4, without a trigger', () => {
  it.each<[string, JobEnd[], OperationState, string | undefined]>([
    ['an image is in hand', [done(image), unknown, failure, cancelled, rejected], 'succeeded', undefined],
    ['an image lies where the results are', [done(elsewhere), unknown], 'succeeded', undefined],
    ['the model refused an image', [done({ refusal: 'no' }), failure], 'succeeded', undefined],
    ['the end of one is unknown', [unknown, failure, unread, cancelled, rejected], 'abandoned', 'WATCH_LOST'],
    ['one failed on the server', [failure, unread, cancelled, rejected], 'failed', 'FAILED'],
    ['one was cancelled by somebody else', [cancelled, rejected], 'failed', 'FAILED'],
    ['an image cannot be read', [unread, rejected], 'failed', 'RESULT_UNREADABLE'],
    ['all items of a batch failed', [done({ failure: 'no' }, { cancelled: true })], 'failed', 'FAILED'],
    ['none was started: rejected', [rejected, notStarted], 'failed', 'REJECTED'],
    ['none was started: not sent', [refusal(undefined)], 'failed', 'NOT_SENT'],
    ['none was started, for no known reason', [notStarted], 'failed', 'NOT_SENT'],
  ])('%s', (_, ends, state, code) => {
    // The order of the jobs decides nothing.
    for (const jobs of [jobsWith(...ends), jobsWith(...[...ends].reverse())]) {
      const { state: settled, error, response, report } = settledAs(jobs);
      expect([settled, response === undefined, report]).toEqual([state, code !== undefined, undefined]);
      expect(error).toEqual(code === undefined ? undefined : expect.objectContaining({ code }));
      if (error !== undefined) expect(error).toMatchObject({ jobs: jobs.map((job) => job.reference()) });
    }
  });

  it('tells why the images of a batch failed', () => {
    const outputs = [{ cancelled: true }, { failure: 'Bad.' }] as const;
    const job = jobWith({ indices: [0, 1], status: { ...completing, outputs } });
    const { error } = settledAs([job]);
    expect(error).toBeInstanceOf(OperationFailedError);
    expect(error).toMatchObject({
      message: 'The server made none of the images: Bad.',
      jobs: [{ lastStatus: 'completed' }],
    });
  });

  it('tells of jobs that were cancelled, but not from here', () => {
    expect(settledAs(jobsWith(cancelled)).error).toMatchObject({
      message: 'The job was cancelled on the server, but not from here.',
      jobs: [{ state: 'cancelled' }],
    });
  });

  it('says that nothing was started where no job has an error', () => {
    const { error } = settledAs(jobsWith(notStarted));
    expect(error).toBeInstanceOf(NotStartedError);
    expect(error).toMatchObject({ message: 'No request was sent.' });
  });
});

describe('A5, after a trigger', () => {
  it('an image whose result could not be read was made, also where nothing is known of it', () => {
    const { report } = settledAs(jobsWith(unreadableEnd()), { request });
    expect(report).toMatchObject({ outcome: 'completed-anyway', counts: { made: 1 } });
  });

  it.each<[OperationState, CancelOutcome, JobEnd[]]>([
    ['cancelled', 'not-started', [notStarted]],
    ['cancelled', 'not-started', [rejected]],
    ['cancelled', 'cancelled', [cancelled]],
    ['cancelled', 'partially-cancelled', [cancelled, done(image)]],
    ['cancelled', 'completed-anyway', [done(image)]],
    ['cancelled', 'completed-anyway', [unread]],
    ['cancelled', 'failed-anyway', [failure]],
    ['abandoned', 'unconfirmed', [unknown, done(image)]],
  ])('the state is %s of %s, and result() rejects', (state, outcome, ends) => {
    const jobs = jobsWith(...ends);
    const { report, error, ...settled } = settledAs(jobs, { request });
    expect([report?.outcome, settled.state, settled.response]).toEqual([outcome, state, report?.response]);
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', report, cause: 'enough' });
  });

  it('is abandoned of jobs without an end, unless the server has said that they completed', () => {
    const stateOf = (job: Job): OperationState => settledAs([job], { request, isBudgetOver: true }).state;
    expect(stateOf(jobWith({ status: {} }))).toBe('abandoned');
    expect(stateOf(jobWith({ backend: lastingBackend() }))).toBe('abandoned');
    expect(stateOf(jobWith({ status: completing }))).toBe('cancelled');
  });
});
