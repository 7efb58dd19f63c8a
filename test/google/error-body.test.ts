import { describe, expect, it } from 'vitest';
import { readErrorBody } from '../../src/google/error-body.js';

/** An error as `ai.models` and `ai.batches` throw it: the message is the body. */
const thrownByModels = (body: unknown, status?: number): Error =>
  Object.assign(
    new Error(typeof body === 'string' ? body : JSON.stringify(body)),
    status === undefined ? {} : { status },
  );
/** An error as `ai.interactions` throws it: the body is beside the message. */
const thrownByInteractions = (body: string, status: number, headers: Record<string, string> = {}): Error =>
  Object.assign(new Error(`${status} API error occurred`), { status, body, headers: new Headers(headers) });
/** The body that the SDK makes up for an answer that is not JSON. */
const madeUp = (message: string, code: number, status: string): object => ({ error: { message, code, status } });
const numeric = { error: { code: 404, message: 'No such model.', status: 'NOT_FOUND' } };
const withString = { error: { code: 'model_not_found', message: 'No such model.' } };
const withCause = (error: Error, cause: unknown): Error => Object.assign(error, { cause });
const withCode = (code: string): Error => Object.assign(new Error('from the system'), { code });

describe("the shapes of Google's errors", () => {
  it.each([
    ['an object with a numeric code', numeric, 'NOT_FOUND'],
    ['an array with a numeric code', [numeric], 'NOT_FOUND'],
    ['an object with a string code', withString, 'model_not_found'],
    ['an array with a string code', [withString], 'model_not_found'],
    ['a body that a gateway has labelled as text', madeUp(JSON.stringify([numeric]), 404, 'Not Found'), 'NOT_FOUND'],
  ])('are read from %s', (_, body, googleCode) => {
    const expected = { status: 404, googleCode, message: 'No such model.' };
    expect(readErrorBody(thrownByModels(body, 404))).toMatchObject(expected);
    expect(readErrorBody(thrownByInteractions(JSON.stringify(body), 404))).toMatchObject(expected);
  });

  it.each<unknown>([
    '',
    '{broken',
    'null',
    '[]',
    '[null]',
    '{}',
    '{"error":7}',
    '{"error":{}}',
    { error: 'no_route' },
    { error: { message: 7 } },
    { error: { code: 404, message: 'no' } },
    { error: { code: '', message: 'no' } },
    { error: { code: 'not a code', message: 'no' } },
    { error: { code: 'x'.repeat(65), message: 'no' } },
    { error: { status: 'Not Found', message: 'no' } },
    { error: { status: 'not_found', message: 'no' } },
    { error: { status: '', message: 'no' } },
    { message: 'no Route matched' },
    madeUp('{"error":{"message":"no"}}', 404, 'Not Found'),
  ])('are not seen in %o', (body) => {
    expect(readErrorBody(thrownByModels(body, 404)).googleCode).toBeUndefined();
  });

  it('are read where members are objects that cannot become texts', () => {
    const odd = { toString: 1, valueOf: 1 };
    const body = {
      error: { code: 429, message: odd, details: [{ retryDelay: odd }, { violations: [{ quotaId: odd }] }] },
    };
    const { status, googleCode, retryAfter } = readErrorBody(thrownByModels(body, 429));
    expect([status, googleCode, retryAfter]).toEqual([429, undefined, undefined]);
  });

  it('have details that are read as far as they are objects', () => {
    const details = [{ reason: 'a' }, null, 'text', { reason: 'b' }];
    const body = { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'no', details } };
    expect(readErrorBody(thrownByModels(body, 429)).details).toEqual([{ reason: 'a' }, { reason: 'b' }]);
    expect(readErrorBody(thrownByModels(numeric, 404)).details).toEqual([]);
  });
});

describe('the status', () => {
  it('is that of the error, whatever the body says', () => {
    expect(readErrorBody(thrownByModels(numeric, 499)).status).toBe(499);
    expect(readErrorBody(thrownByInteractions('<html>', 200)).status).toBe(200);
  });

  it.each([
    [302, 302],
    [599, 599],
    [200, undefined],
    [600, undefined],
    ['302', undefined],
  ])('of a redirect is in the body that the SDK makes up: %o is %o', (code, status) => {
    expect(readErrorBody(thrownByModels({ error: { message: 'moved', code, status: 'Found' } })).status).toBe(status);
  });

  it('is none if it is not a number', () => {
    expect(readErrorBody(Object.assign(new Error('x'), { status: '429' })).status).toBeUndefined();
  });
});

describe('the message', () => {
  const page = '<html>\r\n<head><title>503 Service Unavailable</title></head>\n<body>nginx\t</body></html>';

  it('of a page has no tags and no lines', () => {
    const expected = { status: 503, googleCode: undefined, message: '503 Service Unavailable nginx' };
    expect(readErrorBody(thrownByModels(madeUp(page, 503, 'Service Unavailable'), 503))).toMatchObject(expected);
    expect(readErrorBody(thrownByInteractions(page, 503))).toMatchObject(expected);
  });

  it("of Google's stays as it is", () => {
    const body = { error: { ...numeric.error, message: 'Use a size\n< 4096 and > 16.' } };
    expect(readErrorBody(thrownByModels(body, 400)).message).toBe('Use a size\n< 4096 and > 16.');
  });

  it('of an error without an answer stays as it is', () => {
    const message = `Unexpected token '<', "<html>" is not valid JSON`;
    expect(readErrorBody(new SyntaxError(message)).message).toBe(message);
    for (const body of ['{}', 'null', '"text"', '{"error":{}}', '{"error":{"message":7}}', '{broken']) {
      expect(readErrorBody(new Error(body)).message).toBe(body);
    }
  });

  it('of a connection error is beside an empty body', () => {
    expect(readErrorBody(Object.assign(new Error('Connection error.'), { body: '' })).message).toBe(
      'Connection error.',
    );
  });

  it('is empty where the answer was', () => {
    expect(readErrorBody(thrownByInteractions('', 502)).message).toBe('');
    expect(readErrorBody(thrownByModels(madeUp('', 502, 'Bad Gateway'), 502)).message).toBe('');
  });

  it.each([undefined, null, 'text', 7, {}, Object.create(null)])('says something of %o', (thrown) => {
    expect(readErrorBody(thrown)).toEqual({
      status: undefined,
      code: undefined,
      googleCode: undefined,
      message: 'The call was rejected without an error.',
      details: [],
      text: '',
      retryAfter: undefined,
    });
  });

  it('of a page of nothing but brackets is read in no time', () => {
    const startedAt = performance.now();
    readErrorBody(thrownByInteractions('<'.repeat(1_000_000), 502));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('the code of a connection error', () => {
  it('is the innermost one, as deep as it lies within reason', () => {
    const nested = (depth: number): Error => {
      let error = withCode('ECONNREFUSED');
      for (let level = 0; level < depth; level++) error = withCause(Object.assign(new Error('x'), { code: 7 }), error);
      return error;
    };
    expect(readErrorBody(withCause(withCode('ERR_OUTER'), withCode('ENOTFOUND'))).code).toBe('ENOTFOUND');
    expect(readErrorBody(nested(7)).code).toBe('ECONNREFUSED');
    expect(readErrorBody(nested(8)).code).toBeUndefined();
  });

  it('is none if it is not a text', () => {
    expect(readErrorBody(Object.assign(new Error('x'), { code: 7 })).code).toBeUndefined();
  });

  it('is found in a cause that leads round in circles', () => {
    const error: Error & { cause?: unknown } = withCode('EPIPE');
    error.cause = error;
    expect(readErrorBody(error).code).toBe('EPIPE');
  });
});

describe('the time to wait', () => {
  const limited = (...details: unknown[]): Error =>
    thrownByModels({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'no', details } }, 429);
  const named = (error: unknown): unknown => readErrorBody(error).retryAfter;
  const after = (headers: Record<string, string>): unknown => named(thrownByInteractions('', 429, headers));
  const inMs = (ms: number | undefined): unknown => (ms === undefined ? undefined : { ms });

  it.each([
    ['34.4s', 34_400],
    ['0s', 0],
    ['45s', 45_000],
    ['45', undefined],
    ['-1s', undefined],
    ['soon', undefined],
    [34, undefined],
    [undefined, undefined],
  ])('in a RetryInfo of %o is %o ms', (retryDelay, ms) => {
    const quota = { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] };
    const info = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay };
    expect(named(limited(quota, info))).toEqual(inMs(ms));
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['0.5', 500],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('in a Retry-After of %j is %o ms', (retryAfter, ms) => {
    expect(after({ 'retry-after': retryAfter })).toEqual(inMs(ms));
  });

  it("in a Retry-After that is a date counts from the server's own", () => {
    const date = 'Wed, 25 Nov 2026 12:00:00 GMT';
    expect(after({ date, 'retry-after': 'Wed, 25 Nov 2026 12:00:03 GMT' })).toEqual({ ms: 3_000 });
    expect(after({ date, 'retry-after': date })).toEqual({ ms: 0 });
    expect(after({ date, 'retry-after': 'Wed, 25 Nov 2026 11:59:59 GMT' })).toBeUndefined();
    expect(after({ 'retry-after': 'Wed, 25 Nov 2026 12:00:03 GMT' })).toEqual({ at: Date.UTC(2026, 10, 25, 12, 0, 3) });
  });

  it('is that of the body where both name one', () => {
    const details = [{ retryDelay: '34s' }];
    const body = JSON.stringify({ error: { code: 'rate_limit_exceeded', message: 'no', details } });
    expect(named(thrownByInteractions(body, 429, { 'retry-after': '7' }))).toEqual({ ms: 34_000 });
  });

  it('is not read from headers that are none', () => {
    expect(named({ headers: { get: '7' } })).toBeUndefined();
    expect(named(new Error('x'))).toBeUndefined();
  });
});
