import { describe, expect, it } from 'vitest';
import type { JobOutput } from '../../src/google/port.js';
import type { Job } from '../../src/operation/job/job.js';
import type { JobEnd } from '../../src/operation/job/job-end.js';
import { billingOf } from '../../src/operation/billing.js';
import type { Billing, CancelOutcome } from '../../src/api/report.js';
import { cancelableBackend, failure, jobWith, lastingBackend, refusal } from '../support/jobs.js';

const completed = (...outputs: JobOutput[]): JobEnd => ({ kind: 'completed', outputs });
const image: JobOutput = { image: { imageBytes: 'x' } };
const cancelled: JobEnd = { kind: 'cancelled' };
const notStarted: JobEnd = { kind: 'not-started' };
const jobsWith = (...ends: JobEnd[]): Job[] => ends.map((end) => jobWith({ end }));

const UNDOCUMENTED = 'Google documents nothing about what a cancelled interaction or batch of the Gemini API costs.';
const UNDOCUMENTED_FAILURES = 'Google documents nothing about what refused or failed images cost.';

describe('billingOf()', () => {
  it.each<[CancelOutcome, Job[], Billing]>([
    ['not-started', jobsWith(notStarted), { expectation: 'none', basis: 'No request was sent.' }],
    ['cancelled', jobsWith(cancelled), { expectation: 'unknown', basis: UNDOCUMENTED }],
    [
      'partially-cancelled',
      jobsWith(cancelled, completed(image)),
      { expectation: 'unknown', basis: `The finished images are charged. ${UNDOCUMENTED}` },
    ],
    [
      'unconfirmed',
      [jobWith()],
      { expectation: 'unknown', basis: 'It is not known how every job ended; one may have run to its end.' },
    ],
    ['failed-anyway', jobsWith(failure), { expectation: 'unknown', basis: UNDOCUMENTED_FAILURES }],
    [
      'not-cancelable',
      [jobWith({ backend: lastingBackend() })],
      {
        expectation: 'full',
        basis: 'The request cannot be cancelled. "You will still be charged usage for any applicable operations."',
        source: '@google/genai, abortSignal of every config type',
      },
    ],
  ])('says of %s what is documented', (outcome, jobs, billing) => {
    expect(billingOf(outcome, jobs)).toStrictEqual(billing);
  });

  const full = { expectation: 'full', basis: 'Every image was made before the cancel took effect.' };
  const some = { expectation: 'unknown', basis: `What was made is charged. ${UNDOCUMENTED_FAILURES}` };

  it.each<[string, Job[], object]>([
    ['every image was made', jobsWith(completed(image), completed(image, { elsewhere: 'gs://b' })), full],
    ['the server has completed it', [jobWith({ status: { status: 'completed', phase: 'succeeded' } })], full],
    ['one was refused', jobsWith(completed(image), completed({ refusal: 'no' })), some],
    ['one of a batch failed', jobsWith(completed(image, { failure: 'no' })), some],
    ['a job failed', jobsWith(completed(image), failure), some],
  ])('says of completed-anyway whether all was made: %s', (_, jobs, billing) => {
    expect(billingOf('completed-anyway', jobs)).toStrictEqual(billing);
  });

  describe('of cancelled jobs that something is documented of', () => {
    const cancelBilling: Billing = { expectation: 'completed-only', basis: 'It says so.' };
    const documented = jobWith({ backend: cancelableBackend({ cancelBilling }), end: cancelled });

    it.each(['cancelled', 'partially-cancelled'] as const)('quotes it for %s', (outcome) => {
      expect(billingOf(outcome, [documented, documented])).toStrictEqual(cancelBilling);
    });

    it('does not if it holds for some of them only', () => {
      expect(billingOf('cancelled', [documented, ...jobsWith(cancelled)]).basis).toBe(UNDOCUMENTED);
      expect(billingOf('cancelled', [...jobsWith(cancelled), documented]).basis).toBe(UNDOCUMENTED);
    });

    it('nor for another outcome', () => {
      expect(billingOf('unconfirmed', [documented]).expectation).toBe('unknown');
    });
  });

  describe('of requests that the server refused', () => {
    const unsent = { expectation: 'none', basis: 'No request reached the server.' };
    const free = {
      expectation: 'none',
      basis: 'The server refused the request with 400, which is not charged on either host.',
      source: 'Google: on Vertex only requests answered 200 are charged; on the Gemini API 400 is not',
    };
    const unclear = {
      expectation: 'unknown',
      basis: 'The server refused the request; not every refusal is documented as free.',
    };

    it.each<[string, JobEnd[], object]>([
      ['none was sent', [refusal(undefined), notStarted], unsent],
      ['400', [refusal(400), refusal(400)], free],
      ['400, another was not sent', [refusal(400), refusal(undefined)], free],
      ['another status', [refusal(403)], unclear],
      ['400, another by another status', [refusal(400), refusal(403)], unclear],
      ['400, another has no request', [refusal(400), notStarted], free],
    ])('goes by their statuses: %s', (_, ends, billing) => {
      expect(billingOf('not-started', jobsWith(...ends))).toStrictEqual(billing);
    });

    it('does not where one failed for another reason', () => {
      expect(billingOf('failed-anyway', jobsWith(refusal(400), failure)).basis).toBe(UNDOCUMENTED_FAILURES);
    });
  });

  it('adds up what the server has reported as used, of each kind that it has', () => {
    const usages = [{ totalTokens: 1, totalInputTokens: 2 }, undefined, { totalTokens: 4, outputImageTokens: 8 }];
    const jobs = usages.map((usage) => jobWith({ status: usage === undefined ? {} : { usage } }));
    expect(billingOf('unconfirmed', jobs).usage).toStrictEqual({
      totalInputTokens: 2,
      totalTokens: 5,
      outputImageTokens: 8,
    });
    expect(billingOf('unconfirmed', [jobWith({ status: { usage: { totalOutputTokens: 3 } } })]).usage).toStrictEqual({
      totalOutputTokens: 3,
    });
    expect(billingOf('unconfirmed', [jobWith({ status: {} })])).not.toHaveProperty('usage');
  });
});
