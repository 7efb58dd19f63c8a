import { describe, expect, it } from 'vitest';
import type { CallFailure } from '../../src/backends/call-failure.js';
import { RemoteError } from '../../../src/api/errors/remote-error.js';
import type { OperationContext } from '../../../src/operation/job/context.js';
import {
  endOfFailure,
  isAmbiguous,
  isBackgroundRefusal,
  isProvablyNotStarted,
  submitPolicy,
} from '../../../src/operation/job/submit-failure.js';
import { cancelableBackend, jobWith, lastingBackend } from '../../support/jobs.js';

const failureOf = (fields: Partial<CallFailure>, message = 'no'): CallFailure => ({
  status: undefined,
  neverSent: false,
  retryAfterMs: undefined,
  error: new RemoteError(message, { status: fields.status }),
  ...fields,
});
const live = new AbortController().signal;
const contextWith = (signals: { stopped?: AbortSignal; refused?: AbortSignal }): OperationContext =>
  ({ stopped: live, refused: live, ...signals }) as unknown as OperationContext;
const running = contextWith({});

describe('a create that failed', () => {
  it.each([
    [{ neverSent: true }, 'not started'],
    [{ status: 429 }, 'not started'],
    [{ status: 503 }, 'not started'],
    [{ status: 400 }, 'refused'],
    [{ status: 404 }, 'refused'],
    [{ status: 409 }, 'refused'],
    [{ status: 498 }, 'refused'],
    [{ status: 501 }, 'refused'],
    [{}, 'ambiguous'],
    [{ status: 200 }, 'ambiguous'],
    [{ status: 302 }, 'ambiguous'],
    [{ status: 399 }, 'ambiguous'],
    [{ status: 408 }, 'ambiguous'],
    [{ status: 499 }, 'ambiguous'],
    [{ status: 500 }, 'ambiguous'],
    [{ status: 502 }, 'ambiguous'],
    [{ status: 504 }, 'ambiguous'],
  ])('with %o is %s', (fields, kind) => {
    const failure = failureOf(fields);
    expect(isProvablyNotStarted(failure)).toBe(kind === 'not started');
    expect(isAmbiguous(failure)).toBe(kind === 'ambiguous');
  });

  it('is tried again only where nothing was started, nobody has cancelled it, and the job has no end', () => {
    const busy = failureOf({ status: 503 });
    const stopped = contextWith({ stopped: AbortSignal.abort() });
    expect(submitPolicy(jobWith(), running)).toMatchObject({
      retries: 4,
      firstDelayMs: 500,
      maxDelayMs: 8_000,
      maxRetryAfterMs: 30_000,
      wakes: [running.stopped, running.refused],
    });
    expect(submitPolicy(jobWith(), running).shouldRetry(busy)).toBe(true);
    expect(submitPolicy(jobWith(), running).shouldRetry(failureOf({ status: 429 }))).toBe(true);
    expect(submitPolicy(jobWith(), running).shouldRetry(failureOf({ status: 500 }))).toBe(false);
    expect(submitPolicy(jobWith(), running).shouldRetry(failureOf({ neverSent: true }))).toBe(false);
    expect(submitPolicy(jobWith(), stopped).shouldRetry(busy)).toBe(false);
    expect(submitPolicy(jobWith({ end: { kind: 'not-started' } }), running).shouldRetry(busy)).toBe(false);
  });

  it('is not tried again in the background once a sibling was refused there', () => {
    const refused = contextWith({ refused: AbortSignal.abort() });
    expect(submitPolicy(jobWith(), refused).shouldRetry(failureOf({ status: 503 }))).toBe(false);
    const lasting = submitPolicy(jobWith({ backend: lastingBackend() }), refused);
    expect(lasting.shouldRetry(failureOf({ status: 503 }))).toBe(true);
    expect(lasting.wakes).toEqual([refused.stopped]);
  });
});

describe('isBackgroundRefusal()', () => {
  it.each([
    [{ status: 400 }, 'Background runs are not supported.', true],
    [{ status: 400 }, 'the field `background` is unknown', true],
    [{ status: 400 }, 'No backgrounds in pictures.', false],
    [{ status: 400 }, 'no', false],
    [{ status: 403 }, 'background', false],
    [{ status: 404 }, 'no', true],
    [{ status: 405 }, 'no', true],
    [{ status: 501 }, 'no', true],
    [{ status: 500 }, 'background', false],
    [{}, 'background', false],
  ])('of %o, %s is %s', (fields, message, expected) => {
    expect(isBackgroundRefusal(cancelableBackend(), failureOf(fields, message))).toBe(expected);
    expect(isBackgroundRefusal(cancelableBackend({ name: 'batches' }), failureOf(fields, message))).toBe(false);
  });
});

describe('endOfFailure()', () => {
  const backend = cancelableBackend({
    model: 'a-model',
    redact: (message) => message.replace('secret', '[secret]'),
    hint: (status) => ` Try something else than ${status}.`,
  });
  const errorOf = (failure: CallFailure): Error | undefined =>
    jobWith({ backend, end: endOfFailure(jobWith({ backend }), failure) }).snapshot().error;

  it('is unknown where a job may have been started, and says so', () => {
    const job = jobWith({ backend });
    expect(endOfFailure(job, failureOf({ status: 500 })).kind).toBe('unknown');
    expect(errorOf(failureOf({ status: 500 }))).toMatchObject({
      name: 'MayBeRunningError',
      code: 'RESPONSE_LOST',
      cause: { name: 'RemoteError', status: 500 },
      message: expect.stringContaining('lost genai-cancel-') as string,
    });
  });

  it.each([{ status: 400 }, { status: 409 }, { status: 503 }, { neverSent: true }])(
    'is not started after %o',
    (fields) => {
      expect(endOfFailure(jobWith({ backend }), failureOf(fields)).kind).toBe('not-started');
    },
  );

  it('says what the server refused, with what may help, and without secrets', () => {
    const error = errorOf(failureOf({ status: 403 }, 'The secret is bad.'));
    expect(error).toMatchObject({
      code: 'REJECTED',
      message:
        'The server refused the request, so nothing was started: The [secret] is bad. Try something else than 403.',
      cause: { message: 'The [secret] is bad.', status: 403 },
    });
  });

  it('keeps an error without secrets as it is', () => {
    const failure = failureOf({ status: 403 });
    expect(errorOf(failure)?.cause).toBe(failure.error);
  });

  it('says that nothing was sent', () => {
    expect(errorOf(failureOf({ neverSent: true }, 'refused'))).toMatchObject({
      name: 'NotStartedError',
      code: 'NOT_SENT',
      message: 'The request could not be sent, so nothing was started: refused',
    });
  });

  it('says that the model does not run in the background', () => {
    expect(errorOf(failureOf({ status: 404 }))).toMatchObject({
      code: 'NOT_CANCELABLE',
      message: expect.stringMatching(
        /^a-model cannot be cancelled on the server: .* \(no\)\. Use `backend: 'batches'`/,
      ) as string,
    });
  });
});
