import { GoogleGenAI } from '@google/genai';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { plainPlatform } from '../../src/operation/platform.js';

beforeEach(() => vi.resetModules());
afterEach(() => vi.restoreAllMocks());

/** A client, the requests that it makes, and the cancel calls that its SDK is asked for. */
async function setup() {
  const { rehearseCancel } = await import('../../src/client/rehearsal.js');
  const request = vi.fn<typeof fetch>(() => Promise.reject(new Error('Nothing may be sent.')));
  const client = new GoogleGenAI({ apiKey: 'key', httpOptions: { fetch: request } });
  const cancel = vi.spyOn(Object.getPrototypeOf(client.interactions) as typeof client.interactions, 'cancel');
  return { client, request, cancel, rehearse: () => rehearseCancel(client, plainPlatform) };
}

it('runs a cancel through the SDK, without a request and without a word', async () => {
  const said = (['log', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method));
  const { request, cancel, rehearse } = await setup();
  await rehearse();
  expect(cancel.mock.calls.map(([id]) => id)).toEqual(['none']);
  expect(await cancel.mock.results[0]?.value).toMatchObject({ status: 'cancelled' });
  for (const spy of [request, ...said]) expect(spy).not.toHaveBeenCalled();
});

it('does so once in a process', async () => {
  const { cancel, rehearse } = await setup();
  await rehearse();
  await rehearse();
  expect(cancel).toHaveBeenCalledTimes(1);
});

it.each(['cancel', 'get'] as const)('does not call a `%s` of the application', async (method) => {
  const { client, cancel, rehearse } = await setup();
  const own = vi.fn();
  Object.assign(client.interactions, { [method]: own });
  await rehearse();
  expect([own, cancel].flatMap((spy) => spy.mock.calls)).toEqual([]);
});

it('lets what was started in the same turn go first', async () => {
  const { cancel, rehearse } = await setup();
  const rehearsal = rehearse();
  await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  expect(cancel).not.toHaveBeenCalled();
  await rehearsal;
});
