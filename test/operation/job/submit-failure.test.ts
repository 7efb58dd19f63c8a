import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../../src/api/errors.js';
import { CallFailure, type FailureKind } from '../../../src/google/failures.js';
import type { OperationContext } from '../../../src/operation/job/context.js';
import { endOfFailure, submitPolicy } from '../../../src/operation/job/submit-failure.js';
import { cancelableBackend, jobWith, lastingBackend } from '../../support/jobs.js';

const failureOf = (kind: FailureKind, status?: number, message = 'no'): CallFailure =>
  new CallFailure(kind, new RemoteError(message, { status }));
const live = new AbortController().signal;
const contextWith = (signals: { stopped?: AbortSignal; refused?: AbortSignal }): OperationContext =>
  ({ stopped: live, refused: live, ...signals }) as unknown as OperationContext;
const running = contextWith({});
const busy = failureOf('rate-limited', 503);

const kinds: readonly (readonly [FailureKind, boolean, 'not-started' | 'unknown'])[] = [
  ['not-sent', false, 'not-started'],
  ['rate-limited', true, 'not-started'],
  ['quota-exceeded', false, 'not-started'],
  ['rejected', false, 'not-started'],
  ['background-refused', false, 'not-started'],
  ['ambiguous', false, 'unknown'],
];

describe('a create that failed', () => {
  it.each(kinds)('as %s: tried again %s, its end is %s', (kind, isRetried, end) => {
    const failure = failureOf(kind);
    expect(submitPolicy(jobWith(), running).shouldRetry(failure)).toBe(isRetried);
    expect(endOfFailure(jobWith(), failure).kind).toBe(end);
  });

  it('is tried again only where nothing was started, nobody has cancelled it, and the job has no end', () => {
    const stopped = contextWith({ stopped: AbortSignal.abort() });
    expect(submitPolicy(jobWith(), running)).toMatchObject({
      retries: 4,
      firstDelayMs: 500,
      maxDelayMs: 8_000,
      maxRetryAfterMs: 30_000,
      wakes: [running.stopped, running.refused],
    });
    expect(submitPolicy(jobWith(), running).shouldRetry(busy)).toBe(true);
    expect(submitPolicy(jobWith(), stopped).shouldRetry(busy)).toBe(false);
    expect(submitPolicy(jobWith({ end: { kind: 'not-started' } }), running).shouldRetry(busy)).toBe(false);
  });

  it('is not tried again in the background once a sibling was refused there', () => {
    const refused = contextWith({ refused: AbortSignal.abort() });
    expect(submitPolicy(jobWith(), refused).shouldRetry(busy)).toBe(false);
    const lasting = submitPolicy(jobWith({ backend: lastingBackend() }), refused);
    expect(lasting.shouldRetry(busy)).toBe(true);
    expect(lasting.wakes).toEqual([refused.stopped]);
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
