import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../src/api/errors.js';
import type { JobStatus } from '../../src/google/port.js';
import {
  CallFailure,
  failureOf,
  FailureReader,
  MalformedAnswerError,
  nameIn,
  type FailureKind,
} from '../../src/google/failures.js';
import type { GenAIClient } from '../../src/google/sdk.js';

const apiClient = { getBaseUrl: () => 'https://host/team', getHeaders: () => ({ 'x-team': 'a-long-secret' }) };
const client = { apiKey: 'a-secret-key', apiClient } as unknown as GenAIClient;
const withCause = (error: Error, cause: unknown): Error => Object.assign(error, { cause });
const withCode = (code: string): Error => Object.assign(new Error('from the system'), { code });
const answered = (status: number, message: string): Error => Object.assign(new Error(message), { status });
/** An error with Google's body. */
const google = (status: number, fields: object = {}, message = 'no'): Error =>
  answered(status, JSON.stringify({ error: { code: status, status: 'SOME_STATUS', message, ...fields } }));
/** An error with the body that the SDK makes up for a page. */
const page = (status: number, text = '<html>A page</html>', reason = 'Some Reason'): Error =>
  answered(status, JSON.stringify({ error: { message: text, code: status, status: reason } }));

const readerFor = (...prompts: string[]): FailureReader => new FailureReader(client, prompts);
const read = (error: unknown, ...prompts: string[]): CallFailure => readerFor(...prompts).read(error);

const nothing = (): never => {
  throw new Error('Nothing has arrived.');
};

async function refusalOf(error: Error, ...prompts: string[]): Promise<CallFailure> {
  const call = readerFor(...prompts).guardCreate(() => Promise.reject(error), nothing, true);
  return call.catch((failure: unknown) => failure) as Promise<CallFailure>;
}

describe('the meaning of a failed call', () => {
  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])(
    'is that nothing was sent: %s',
    (code) => {
      const error = withCause(new Error('Connection error.'), withCause(new Error('fetch failed'), withCode(code)));
      expect(read(error)).toMatchObject({ kind: 'not-sent', status: undefined, error: { code } });
      expect(read(error).message).toBe(`from the system (${code})`);
    },
  );

  it.each(['UND_ERR_SOCKET', 'ECONNRESET', 'UND_ERR_HEADERS_TIMEOUT', 'EPIPE'])('is doubtful: %s', (code) => {
    expect(read(withCause(new Error('Connection error.'), withCode(code))).kind).toBe('ambiguous');
  });

  it('is not that nothing was sent if there is an answer, whatever its cause', () => {
    const error = withCause(answered(500, 'x'), withCode('ECONNREFUSED'));
    expect(read(error)).toMatchObject({ status: 500, kind: 'ambiguous' });
  });

  it.each<[number, FailureKind, FailureKind]>([
    [200, 'ambiguous', 'ambiguous'],
    [302, 'ambiguous', 'ambiguous'],
    [399, 'ambiguous', 'ambiguous'],
    [400, 'rejected', 'rejected'],
    [401, 'rejected', 'rejected'],
    [402, 'rejected', 'rejected'],
    [403, 'rejected', 'rejected'],
    [404, 'rejected', 'rejected'],
    [405, 'rejected', 'rejected'],
    [408, 'ambiguous', 'ambiguous'],
    [409, 'rejected', 'rejected'],
    [416, 'rejected', 'rejected'],
    [429, 'rate-limited', 'rate-limited'],
    [498, 'rejected', 'rejected'],
    [499, 'ambiguous', 'ambiguous'],
    [500, 'ambiguous', 'ambiguous'],
    [501, 'ambiguous', 'ambiguous'],
    [502, 'ambiguous', 'ambiguous'],
    [503, 'rate-limited', 'ambiguous'],
    [504, 'ambiguous', 'ambiguous'],
  ])("of %i is %s with Google's body, and %s with a page", (status, ofGoogle, ofPage) => {
    expect(read(google(status))).toMatchObject({ status, kind: ofGoogle });
    expect(read(page(status))).toMatchObject({ status, kind: ofPage });
  });

  it("is read from Google's array, and from a string code", () => {
    expect(read(answered(503, '[{"error":{"code":503,"status":"UNAVAILABLE","message":"no"}}]')).kind).toBe(
      'rate-limited',
    );
    expect(read(answered(503, '{"error":{"code":"overloaded","message":"no"}}')).kind).toBe('rate-limited');
  });

  it.each([
    ['a string code', { code: 'quota_exceeded' }],
    ['a quota of the day', { details: [{ violations: [{ quotaId: 'RequestsPerDayPerProjectPerModel-FreeTier' }] }] }],
    ['one of several', { details: [{ reason: 'x' }, { violations: [null, { quotaId: 'x' }, { quotaId: 'PerDay' }] }] }],
  ])('is a used-up quota: %s', (_, fields) => {
    expect(read(google(429, fields))).toMatchObject({ kind: 'quota-exceeded', status: 429 });
    expect(read(google(403, fields)).kind).toBe('rejected');
  });

  it.each([
    { code: 'rate_limit_exceeded' },
    { details: [{ violations: [{ quotaId: 'RequestsPerMinutePerProject' }] }] },
    { details: [{ violations: 'PerDay' }, { violations: ['PerDay'] }, { quotaId: 'PerDay' }] },
    { details: [{ violations: [{ quotaId: { toString: 1, valueOf: 1 } }], retryDelay: { toString: 1, valueOf: 1 } }] },
  ])('is a limit for now: %o', (fields) => {
    expect(read(google(429, fields)).kind).toBe('rate-limited');
  });

  it('has the time that the server names', () => {
    const info = { details: [{ retryDelay: '34.4s' }] };
    expect(read(google(429, info)).retryAfter).toEqual({ ms: 34_400 });
    const headers = new Headers({ 'retry-after': '7' });
    expect(read(Object.assign(page(503), { headers })).retryAfter).toEqual({ ms: 7_000 });
    expect(read(google(429)).retryAfter).toBeUndefined();
  });

  it.each([undefined, null, 'text', 7, {}, Object.create(null)])('is doubtful where %o was thrown', (thrown) => {
    expect(read(thrown)).toMatchObject({ status: undefined, kind: 'ambiguous' });
  });
});

describe('a refusal of the background', () => {
  it.each<[number, object, string, boolean]>([
    [400, {}, 'Background runs are not supported.', true],
    [400, { code: 'invalid_request' }, 'background=true is only supported for agent interactions.', true],
    [400, {}, 'the field `background` is unknown', true],
    [400, {}, 'No backgrounds in pictures.', false],
    [400, {}, 'no', false],
    [403, {}, 'background', false],
    [404, {}, 'no', true],
    [404, { code: 'not_found' }, 'no', true],
    [404, { code: 'model_not_found' }, 'no background', false],
    [405, {}, 'no', true],
    [429, {}, 'background', false],
    [500, {}, 'background', false],
    [501, {}, 'no', true],
    [503, {}, 'background', false],
  ])('%i with %o and "%s": %s', async (status, fields, message, isRefusal) => {
    const { kind } = await refusalOf(google(status, fields, message));
    expect(kind === 'background-refused').toBe(isRefusal);
    const array = answered(status, `[${google(status, fields, message).message}]`);
    expect((await refusalOf(array)).kind).toBe(kind);
    expect(read(google(status, fields, message)).kind).not.toBe('background-refused');
  });

  it.each([400, 404, 405, 501])('is not what a page of a proxy says: %i', async (status) => {
    expect((await refusalOf(page(status, 'background'))).kind).toBe(status === 501 ? 'ambiguous' : 'rejected');
    expect((await refusalOf(answered(status, '{"message":"background"}'))).kind).not.toBe('background-refused');
  });

  it('is not what a connection says', async () => {
    expect((await refusalOf(new Error('background'))).kind).toBe('ambiguous');
  });

  it.each(['background', 'ground', 'a', 'an empty background!'])('does not depend on the prompt %j', async (prompt) => {
    const failure = await refusalOf(google(400, {}, `No background: ${prompt}`), prompt);
    expect(failure.kind).toBe('background-refused');
  });

  it('is not what a long prompt says that the server repeats', async () => {
    const prompt = 'a fox before a background';
    expect((await refusalOf(google(400, {}, `Bad input: ${prompt}`), prompt)).kind).toBe('rejected');
    expect((await refusalOf(google(400, {}, `Bad input: ${prompt}s`), prompt)).kind).toBe('rejected');
    expect((await refusalOf(google(400, {}, `No background: ${prompt}`), prompt)).kind).toBe('background-refused');
  });
});

describe('what is said of a failure', () => {
  it("is Google's message, with its status and code", () => {
    expect(read(google(400, {}, 'No such size.')).error).toMatchObject({
      name: 'RemoteError',
      message: 'No such size.',
      status: 400,
      code: 'SOME_STATUS',
    });
    expect(read(google(404, { code: 'model_not_found' })).error.code).toBe('model_not_found');
  });

  it.each([
    [page(502), 'HTTP 502: A page'],
    [page(502, ''), 'HTTP 502'],
    [answered(418, 'I am a teapot'), 'HTTP 418: I am a teapot'],
    [Object.assign(new Error('502 no'), { status: 502, body: '' }), 'HTTP 502'],
    [new Error('{"error":{"message":"<a>moved</a>","code":302,"status":"Found"}}'), 'HTTP 302: moved'],
  ])("has the status where the answer is not Google's: %s", (error, message) => {
    expect(read(error).message).toBe(message);
    expect(read(error).error.code).toBeUndefined();
  });

  it("names the base URL where an address is wrong, and not where Google's own 404 came from it", () => {
    expect(read(page(404)).message).toBe('HTTP 404: A page (check the base URL https://host/team)');
    expect(read(google(404)).message).toBe('no');
    const without = new FailureReader({} as GenAIClient, []);
    expect(without.read(page(404)).message).toBe('HTTP 404: A page');
  });

  it('names the code once', () => {
    expect(read(withCode('EPIPE')).message).toBe('from the system (EPIPE)');
    expect(read(Object.assign(new Error('connect EPIPE'), { code: 'EPIPE' })).message).toBe('connect EPIPE');
    expect(read(Object.assign(new Error('x'), { code: 7 })).error).toMatchObject({ code: undefined, message: 'x' });
  });

  it('is cut off after 500 letters', () => {
    expect(read(new Error('x'.repeat(500))).message).toBe('x'.repeat(500));
    expect(read(new Error('x'.repeat(501))).message).toBe(`${'x'.repeat(500)}…`);
  });

  it('is cut after secrets were taken out: half of a key is one, too', () => {
    expect(read(new Error(`${'x'.repeat(494)} a-long-secret`)).message).not.toContain('a-lon');
  });

  it('has neither prompt nor credentials', () => {
    const { message, error } = read(google(400, {}, 'a fox, a-secret-key, a-long-secret'), 'a fox');
    expect([message, error.message]).toEqual(Array(2).fill('[prompt], [secret], [secret]'));
    expect(Object.keys(error)).toEqual(['name', 'status', 'code']);
    expect(read(page(404, 'a-secret-key')).message).toContain('HTTP 404: [secret]');
  });

  it('has no code that could be a secret', () => {
    expect(read(google(400, { code: 'a-secret-key', status: 'a-secret-key' })).error.code).toBeUndefined();
  });
});

describe('FailureReader', () => {
  it('makes the call in this turn, and returns what it returns', async () => {
    let calls = 0;
    const status = { id: '1', status: 'queued', phase: 'queued' } as const;
    const call = (): Promise<JobStatus> => Promise.resolve(++calls > 0 ? status : status);
    const [first, second] = [readerFor().guard(call), readerFor().guardCreate(call, nothing, true)];
    expect(calls).toBe(2);
    expect(await Promise.all([first, second])).toEqual([status, status]);
  });

  it('reads what a call throws like what it rejects with', async () => {
    const throwing = (): never => {
      throw google(400, {}, 'no background');
    };
    await expect(readerFor().guard(throwing)).rejects.toMatchObject({ name: 'CallFailure', kind: 'rejected' });
    await expect(readerFor().guardCreate(throwing, nothing)).rejects.toMatchObject({ kind: 'rejected' });
    await expect(readerFor().guardCreate(throwing, nothing, true)).rejects.toMatchObject({
      kind: 'background-refused',
    });
  });

  it('cleans the texts of a status, and leaves the rest as it is', () => {
    const image = { image: { imageBytes: 'a fox' } };
    const status = {
      id: 'a fox',
      status: 'failed',
      phase: 'failed',
      message: 'No a fox for a-secret-key.',
      outputs: [{ failure: 'No a fox.' }, { refusal: 'I draw no a fox.' }, image],
      progress: { completed: 0, total: 3 },
    } as const;
    expect(readerFor('a fox').clean(status)).toEqual({
      ...status,
      message: 'No [prompt] for [secret].',
      outputs: [{ failure: 'No [prompt].' }, { refusal: 'I draw no a fox.' }, image],
    });
  });

  it('adds nothing to a status', () => {
    const status = { id: '1', status: 'queued', phase: 'queued' } as const;
    expect(readerFor('a fox').clean(status)).toStrictEqual(status);
  });

  it('leaves the word of a status as it is, whatever the prompt, and takes secrets out of it', () => {
    const wordOf = (status: string, ...prompts: string[]): string =>
      readerFor(...prompts).clean({ id: '1', status, phase: 'unknown' }).status;
    expect(wordOf('cancelled', 'cancelled', 'an', 'celled')).toBe('cancelled');
    expect(wordOf('a-secret-key')).toBe('[secret]');
    expect(wordOf('x'.repeat(100))).toBe('x'.repeat(100));
    expect(wordOf('x'.repeat(101))).toBe(`${'x'.repeat(100)}…`);
  });

  it('cuts the texts of a status', () => {
    const status = { id: '1', status: 'failed', phase: 'failed', outputs: [{ failure: 'x'.repeat(501) }] } as const;
    const { message, outputs } = readerFor().clean({ ...status, message: 'y'.repeat(501) });
    expect([message, outputs]).toEqual([`${'y'.repeat(500)}…`, [{ failure: `${'x'.repeat(500)}…` }]]);
  });
});

describe('failureOf()', () => {
  it('keeps a failure', () => {
    const failure = new CallFailure('rejected', new RemoteError('no', { status: 400 }), { retryAfter: { ms: 7 } });
    expect(failureOf(failure)).toBe(failure);
    expect(failure).toMatchObject({ message: 'no', status: 400, retryAfter: { ms: 7 } });
  });

  it('is doubtful about errors of our own', () => {
    expect(failureOf(new Error('no'))).toMatchObject({ kind: 'ambiguous', message: 'no', status: undefined });
    expect(failureOf(new Error('x'.repeat(501))).message).toHaveLength(501);
    expect(failureOf('text').message).toBe('The call was rejected without an error.');
  });
});

describe('nameIn()', () => {
  it('tells the name, so that the job can be looked for', () => {
    const read = (): string => nameIn({ name: '../x' }, 'name', 'a batch', () => false);
    expect(read).toThrow(new MalformedAnswerError('The answer is not a batch: "../x" is not the name of one.'));
  });
});
