import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../../src/api/errors.js';
import { CallFailure, type FailureKind } from '../../../src/google/failures.js';
import { endOfFailure } from '../../../src/operation/job/submit-failure.js';
import { cancelableBackend, jobWith } from '../../support/jobs.js';

const failureOf = (kind: FailureKind, status?: number, message = 'no'): CallFailure =>
  new CallFailure(kind, new RemoteError(message, { status }));
const kinds: readonly (readonly [FailureKind, 'not-started' | 'unknown'])[] = [
  ['not-sent', 'not-started'],
  ['rate-limited', 'not-started'],
  ['quota-exceeded', 'not-started'],
  ['rejected', 'not-started'],
  ['background-refused', 'not-started'],
  ['ambiguous', 'unknown'],
];

describe('a create that failed', () => {
  it.each(kinds)('as %s: its end is %s', (kind, end) => {
    expect(endOfFailure(jobWith(), failureOf(kind)).kind).toBe(end);
  });
});

describe('endOfFailure()', () => {
  const backend = cancelableBackend({ model: 'a-model', hint: (status) => ` Try something else than ${status}.` });
  const errorOf = (failure: CallFailure): Error | undefined =>
    jobWith({ backend, end: endOfFailure(jobWith({ backend }), failure) }).snapshot().error;

  it('says that a job may have been started', () => {
    expect(errorOf(failureOf('ambiguous', 500))).toMatchObject({
      name: 'MayBeRunningError',
      code: 'RESPONSE_LOST',
      cause: { name: 'RemoteError', status: 500 },
      message: expect.stringContaining('lost genai-cancel-') as string,
    });
  });

  it('says what the server refused, with what may help', () => {
    const failure = failureOf('rejected', 403, 'The key is bad.');
    const error = errorOf(failure);
    expect(error).toMatchObject({
      name: 'NotStartedError',
      code: 'REJECTED',
      message: 'The server refused the request, so nothing was started: The key is bad. Try something else than 403.',
    });
    expect(error?.cause).toBe(failure.error);
  });

  it('says that nothing was sent', () => {
    expect(errorOf(failureOf('not-sent', undefined, 'refused'))).toMatchObject({
      name: 'NotStartedError',
      code: 'NOT_SENT',
      message: 'The request could not be sent, so nothing was started: refused',
    });
  });

  it('says that the model does not run in the background', () => {
    expect(errorOf(failureOf('background-refused', 404))).toMatchObject({
      code: 'NOT_CANCELABLE',
      message: expect.stringMatching(
        /^a-model cannot be cancelled on the server: .* \(no\)\. Use `backend: 'batches'`/,
      ) as string,
    });
  });
});
