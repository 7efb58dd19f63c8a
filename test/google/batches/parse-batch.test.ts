import { describe, expect, it } from 'vitest';
import { parseBatch, phaseOf } from '../../../src/google/batches/parse-batch.js';
import { MalformedAnswerError } from '../../../src/google/failures.js';

const made = (data: string): object => ({
  response: { candidates: [{ content: { parts: [{ inlineData: { data } }] } }] },
});
const image = (imageBytes: string): object => ({ image: { imageBytes } });
const NO_ANSWER = { failure: 'The batch ended without an answer for this image.' };

function batchOf(state: unknown, inlinedResponses?: unknown): object {
  return { name: 'batches/1', state, ...(inlinedResponses === undefined ? {} : { dest: { inlinedResponses } }) };
}

describe('phaseOf()', () => {
  it.each([
    ['JOB_STATE_QUEUED', 'queued'],
    ['JOB_STATE_PENDING', 'queued'],
    ['JOB_STATE_RUNNING', 'running'],
    ['JOB_STATE_UPDATING', 'running'],
    ['JOB_STATE_CANCELLING', 'running'],
    ['JOB_STATE_SUCCEEDED', 'succeeded'],
    ['JOB_STATE_PARTIALLY_SUCCEEDED', 'succeeded'],
    ['JOB_STATE_FAILED', 'failed'],
    ['JOB_STATE_EXPIRED', 'failed'],
    ['JOB_STATE_CANCELLED', 'cancelled'],
    ['JOB_STATE_PAUSED', 'unknown'],
    ['constructor', 'unknown'],
    ['__proto__', 'unknown'],
  ])('takes %s for %s', (state, phase) => {
    expect(phaseOf(state)).toBe(phase);
  });
});

describe('parseBatch()', () => {
  it.each([undefined, null, 'text', {}, { name: '' }, { name: 7 }])('refuses %o', (answer) => {
    expect(() => parseBatch(answer, 1)).toThrow(MalformedAnswerError);
    expect(() => parseBatch(answer, 1)).toThrow('not a batch: it has no name');
  });

  it('refuses a name that cannot be one', () => {
    expect(() => parseBatch({ name: 'interactions/1' }, 1)).toThrow(
      'The answer is not a batch: "interactions/1" is not the name of one.',
    );
  });

  it('is what the server says, and no more while it runs', () => {
    expect(parseBatch(batchOf('JOB_STATE_RUNNING', [made('one')]), 1)).toStrictEqual({
      id: 'batches/1',
      status: 'JOB_STATE_RUNNING',
      phase: 'running',
    });
    expect(parseBatch(batchOf(7), 1)).toStrictEqual({
      id: 'batches/1',
      status: 'JOB_STATE_UNSPECIFIED',
      phase: 'unknown',
    });
  });

  it('has an entry for each image', () => {
    const items = [made('one'), { error: { code: 1 } }, { error: { code: 3, message: 'Bad.' } }, { error: {} }, null];
    expect(parseBatch(batchOf('JOB_STATE_SUCCEEDED', items), 6).outputs).toEqual([
      image('one'),
      { cancelled: true },
      { failure: 'Bad.' },
      NO_ANSWER,
      NO_ANSWER,
      NO_ANSWER,
    ]);
  });

  it('has one for each item where nobody knows how many there are, and one at least', () => {
    expect(parseBatch(batchOf('JOB_STATE_SUCCEEDED', [made('one'), made('two')]), 0).outputs).toEqual([
      image('one'),
      image('two'),
    ]);
    expect(parseBatch(batchOf('JOB_STATE_SUCCEEDED'), 0).outputs).toEqual([NO_ANSWER]);
  });

  it.each(['JOB_STATE_CANCELLED', 'JOB_STATE_FAILED', 'JOB_STATE_EXPIRED'])(
    'that is %s keeps what was done',
    (state) => {
      const status = parseBatch(batchOf(state, [{}, made('two')]), 2);
      expect(status).toMatchObject({ status: state, phase: 'succeeded', outputs: [NO_ANSWER, image('two')] });
    },
  );

  it.each([
    ['JOB_STATE_CANCELLED', 'cancelled'],
    ['JOB_STATE_FAILED', 'failed'],
  ])('that is %s with nothing done has no entries', (state, phase) => {
    const status = parseBatch(batchOf(state, [{ error: { code: 1 } }, { response: 'text' }]), 2);
    expect(status).toStrictEqual({ id: 'batches/1', status: state, phase });
  });

  it.each([null, 7, {}, 'items'])('survives items such as %o', (items) => {
    expect(parseBatch(batchOf('JOB_STATE_SUCCEEDED', items), 1).outputs).toEqual([NO_ANSWER]);
    expect(parseBatch({ ...batchOf('JOB_STATE_SUCCEEDED'), dest: items }, 1).outputs).toEqual([NO_ANSWER]);
  });

  it('says why it failed', () => {
    const error = { code: 13, message: 'Out of paint.' };
    expect(parseBatch({ ...batchOf('JOB_STATE_FAILED'), error }, 1).message).toBe('Out of paint.');
  });
});

describe('the message of a batch', () => {
  it.each([undefined, null, 'text', {}, { message: 7 }])('is none with the error %o', (error) => {
    expect(parseBatch({ ...batchOf('JOB_STATE_FAILED'), error }, 1).message).toBeUndefined();
  });
});
