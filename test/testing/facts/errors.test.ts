import { describe, expect, test } from 'vitest';
import { CONTENT, contentPath, raw } from './raw.js';

const MONEY = 'There was a problem processing your request. You will not be charged.';

describe('the errors of interactions', () => {
  test.each([
    ['invalid_request', 400],
    ['failed_precondition', 400],
    ['parameter_unknown', 400],
    ['authentication', 401],
    ['payment_required', 402],
    ['permission_denied', 403],
    ['not_found', 404],
    ['model_not_found', 404],
    ['out_of_range', 416],
    ['rate_limit_exceeded', 429],
    ['quota_exceeded', 429],
    ['api_error', 500],
    ['unimplemented', 501],
    ['service_unavailable', 503],
  ])('[G] have texts for codes, and no status: %s is a %i', async (code, status) => {
    const { create } = raw({ faults: [{ kind: 'status', status, code, message: 'why' }] });
    const answer = await create();
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: { code, message: 'why' } });
  });

  test.each([
    [400, 'invalid_request'],
    [401, 'authentication'],
    [402, 'payment_required'],
    [403, 'permission_denied'],
    [404, 'not_found'],
    [409, 'aborted'],
    [416, 'out_of_range'],
    [429, 'rate_limit_exceeded'],
    [499, 'cancelled'],
    [500, 'api_error'],
    [501, 'unimplemented'],
    [503, 'service_unavailable'],
    [504, 'deadline_exceeded'],
  ])('[G] a status says its usual code: %i is %s', async (status, code) => {
    const { get } = raw({ faults: [{ kind: 'status', status }] });
    expect((await get('v1_x')).body.error.code).toBe(code);
  });

  test('[G] a parameter that there is not is parameter_unknown', async () => {
    const { create } = raw();
    expect(await create({ n: 2 })).toMatchObject({ status: 400, body: { error: { code: 'parameter_unknown' } } });
  });

  test('[G] without a key it is authentication, 401', async () => {
    const { emulator } = raw();
    const response = await emulator.fetch('https://x/v1beta/interactions', { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'authentication' } });
  });

  test('[L] those of the gateway come as an array, with numbers for codes', async () => {
    const { create } = raw({ faults: [{ kind: 'status', status: 503, message: 'busy', gateway: true }] });
    expect((await create()).body).toEqual([{ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }]);
  });
});

describe('generateContent and batches', () => {
  test.each([
    ['POST', contentPath()],
    ['GET', '/v1beta/batches/x'],
    ['GET', '/v1beta/batches'],
  ])('[L] have the numeric form: %s %s', async (method, path) => {
    const { ask } = raw({ faults: [{ kind: 'status', status: 403, message: 'no' }] });
    const answer = await ask(method, path, method === 'POST' ? CONTENT : undefined);
    expect(answer.body).toEqual({ error: { code: 403, message: 'no', status: 'PERMISSION_DENIED' } });
  });
});

describe('429', () => {
  test('[L] generateContent names the time to wait in RetryInfo, and there is no Retry-After', async () => {
    const { ask } = raw({ faults: [{ kind: 'status', status: 429 }] });
    const { status, headers, body } = await ask('POST', contentPath(), CONTENT);
    expect(status).toBe(429);
    expect(headers.has('retry-after')).toBe(false);
    expect(body.error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' });
    expect(body.error.details).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: '34.4s',
    });
  });

  test.each([
    ['names no time', {}, undefined],
    [
      'names one',
      { retryDelayMs: 45_800 },
      [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '45.8s' }],
    ],
  ])('[?] that of interactions %s', async (_, fields, details) => {
    const { create } = raw({ faults: [{ kind: 'status', status: 429, ...fields }] });
    const { body, headers } = await create();
    expect(body.error.code).toBe('rate_limit_exceeded');
    expect(body.error.details).toEqual(details);
    expect(headers.has('retry-after')).toBe(false);
  });

  const PER_DAY = 'GenerateRequestsPerDayPerProjectPerModel-FreeTier';

  test('[L] a daily quota is told by a QuotaFailure whose quotaId has PerDay in it', async () => {
    const { ask } = raw({ faults: [{ kind: 'status', status: 429, quotaId: PER_DAY }] });
    const { body } = await ask('POST', contentPath(), CONTENT);
    expect(body.error.details).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [{ quotaId: PER_DAY }],
    });
  });

  test('[G] of interactions a daily quota is quota_exceeded', async () => {
    const { create } = raw({ faults: [{ kind: 'status', status: 429, quotaId: PER_DAY }] });
    expect((await create()).body.error.code).toBe('quota_exceeded');
  });
});

test('[L] an HTTP 500 to a cancel was seen to speak of money', async () => {
  const { create, cancel } = raw({ faults: [{ kind: 'status', route: 'cancel', status: 500, message: MONEY }] });
  const { body } = await create();
  expect(await cancel(body.id)).toMatchObject({ status: 500, body: { error: { code: 'api_error', message: MONEY } } });
});

describe('[M] answers of a create that say nothing of its job', () => {
  test('an object without an id', async () => {
    const { create, emulator } = raw({ faults: [{ kind: 'json', body: {}, when: 'after' }] });
    expect(await create()).toMatchObject({ status: 200, text: '{}' });
    expect(emulator.meter.running()).toHaveLength(1);
  });

  test('HTML with 200', async () => {
    const { create } = raw({ faults: [{ kind: 'garbage', when: 'after' }] });
    const { status, headers, text } = await create();
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(text).toContain('<!doctype html>');
  });

  test('a connection that breaks within the body', async () => {
    const { create, emulator } = raw({ faults: [{ kind: 'cut-body' }] });
    await expect(create()).rejects.toThrow(new TypeError('terminated'));
    expect(emulator.meter.running()).toHaveLength(1);
  });
});
