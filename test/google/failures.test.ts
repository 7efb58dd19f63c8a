import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../src/backends/call-failure.js';

const withCause = (error: Error, cause: unknown): Error => Object.assign(error, { cause });
const withCode = (code: string): Error => Object.assign(new Error('from the system'), { code });

describe('describeFailure', () => {
  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])(
    'knows that a request which failed with %s was never sent',
    (code) => {
      const error = withCause(new Error('Connection error.'), withCause(new Error('fetch failed'), withCode(code)));
      expect(describeFailure(error)).toMatchObject({ neverSent: true, status: undefined, error: { code } });
      expect(describeFailure(error).error.message).toContain(code);
    },
  );

  it.each(['UND_ERR_SOCKET', 'ECONNRESET', 'UND_ERR_HEADERS_TIMEOUT', 'EPIPE'])('does not know it of %s', (code) => {
    expect(describeFailure(withCause(new Error('Connection error.'), withCode(code))).neverSent).toBe(false);
  });

  it('goes by the status, whatever the class', () => {
    expect(describeFailure(Object.assign(new Error('499 cancelled'), { status: 499 }))).toMatchObject({
      status: 499,
      neverSent: false,
    });
  });

  it('reads how long the server asks to wait', () => {
    const headers = new Headers({ 'retry-after': '7' });
    expect(describeFailure(Object.assign(new Error('429'), { status: 429, headers })).retryAfterMs).toBe(7_000);
    expect(describeFailure(new Error('x')).retryAfterMs).toBeUndefined();
    headers.set('retry-after', 'soon');
    expect(describeFailure(Object.assign(new Error('429'), { status: 429, headers })).retryAfterMs).toBeUndefined();
  });

  it.each([undefined, null, 'text', 7, {}, Object.create(null)])('takes %o for a failure too', (thrown) => {
    expect(describeFailure(thrown)).toMatchObject({ status: undefined, neverSent: false });
  });

  it('is not led round in circles by a cause', () => {
    const error: Error & { cause?: unknown } = new Error('round');
    error.cause = error;
    expect(describeFailure(error).neverSent).toBe(false);
  });

  it('reads the message out of an error body', () => {
    const body = JSON.stringify({ error: { code: 400, message: 'No such size.', status: 'INVALID_ARGUMENT' } });
    expect(describeFailure(Object.assign(new Error(body), { status: 400 })).error.message).toBe('No such size.');
    expect(describeFailure(new Error('{"error":7}')).error.message).toBe('{"error":7}');
    expect(describeFailure(new Error('{broken')).error.message).toBe('{broken');
  });

  it('keeps a long message short', () => {
    expect(describeFailure(new Error('x'.repeat(100_000))).error.message.length).toBeLessThan(600);
  });

  it('takes secrets out before it cuts: half of a key is one, too', () => {
    const redact = (message: string): string => message.replaceAll('a-long-secret', '[secret]');
    const { error } = describeFailure(new Error(`${'x'.repeat(494)}a-long-secret`), redact);
    expect(error.message).not.toContain('a-lon');
  });

  it('takes a status for none that is no number', () => {
    expect(describeFailure(Object.assign(new Error('x'), { status: '429' })).status).toBeUndefined();
  });

  it('does not call a request unsent that was answered, whatever its cause', () => {
    const answered = Object.assign(withCause(new Error('x'), withCode('ECONNREFUSED')), { status: 500 });
    expect(describeFailure(answered)).toMatchObject({ status: 500, neverSent: false });
  });

  it('takes a code for none that is no text', () => {
    const { error } = describeFailure(Object.assign(new Error('x'), { code: 7 }));
    expect([error.code, error.message]).toEqual([undefined, 'x']);
  });

  it('goes by the innermost code, as deep as it lies within reason', () => {
    const nested = (depth: number): Error => {
      let error = withCode('ECONNREFUSED');
      for (let level = 0; level < depth; level++) error = withCause(Object.assign(new Error('x'), { code: 7 }), error);
      return error;
    };
    expect(describeFailure(withCause(withCode('ERR_OUTER'), withCode('ENOTFOUND'))).error.code).toBe('ENOTFOUND');
    expect(describeFailure(nested(7)).neverSent).toBe(true);
    expect(describeFailure(nested(8)).neverSent).toBe(false);
  });

  it.each([
    ['0', 0],
    ['0.5', 500],
    ['-1', undefined],
    ['', undefined],
  ])('waits as long as Retry-After: %j says', (retryAfter, ms) => {
    const headers = new Headers({ 'retry-after': retryAfter });
    expect(describeFailure(Object.assign(new Error('x'), { headers })).retryAfterMs).toBe(ms);
  });

  it('reads no headers that are none', () => {
    expect(describeFailure({ headers: { get: () => '7' } }).retryAfterMs).toBeUndefined();
  });

  it('says something whatever was thrown', () => {
    expect(describeFailure('text').error.message).toBe('The call was rejected without an error.');
    for (const body of ['{}', 'null', '"text"', '{"error":{}}', '{"error":{"message":7}}', '{"message":"x"}']) {
      expect(describeFailure(new Error(body)).error.message).toBe(body);
    }
  });

  it('cuts a message off after 500 letters', () => {
    expect(describeFailure(new Error('x'.repeat(500))).error.message).toBe('x'.repeat(500));
    expect(describeFailure(new Error('x'.repeat(501))).error.message).toBe(`${'x'.repeat(500)}…`);
  });

  it('names the code once', () => {
    expect(describeFailure(withCode('EPIPE')).error.message).toBe('from the system (EPIPE)');
    const named = Object.assign(new Error('connect EPIPE'), { code: 'EPIPE' });
    expect(describeFailure(named).error.message).toBe('connect EPIPE');
  });
});
