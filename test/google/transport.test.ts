import { GoogleGenAI } from '@google/genai';
import { describe, expect, it, vi } from 'vitest';
import { FailureReader, type CallFailure } from '../../src/google/failures.js';
import type { ApiClientSlice, GenAIClient } from '../../src/google/sdk.js';
import { RequestObserver } from '../../src/google/transport.js';

type PassedOn = RequestInit & { dispatcher?: { dispatch(...given: unknown[]): boolean } };
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');
const clientOf = (apiClient: ApiClientSlice, fields: object = {}): GenAIClient =>
  ({ apiKey: 'a-secret-key', vertexai: false, apiClient, ...fields }) as unknown as GenAIClient;
const nothing = (): never => {
  throw new Error('Nothing has arrived.');
};

/** The failure of a create that fails like this once it is made, and whether it was made. */
async function failureOf(
  client: GenAIClient,
  call: (observer: RequestObserver) => never = nothing,
): Promise<{ failure: CallFailure; wasMade: boolean }> {
  let wasMade = false;
  const create = new FailureReader(client, []).guardCreate((observer) => {
    wasMade = true;
    return call(observer);
  }, nothing);
  const failure = (await create.catch((reason: unknown) => reason)) as CallFailure;
  return { failure, wasMade };
}

describe('a create that cannot be sent', () => {
  it.each<[string, GenAIClient, RegExp]>([
    ['a base URL that is none', clientOf({ getBaseUrl: () => 'nowhere' }), /not an absolute http\(s\) URL/],
    ['a base URL of another kind', clientOf({ getBaseUrl: () => 'ftp://host' }), /not an absolute http\(s\) URL/],
    ['a password in the base URL', clientOf({ getBaseUrl: () => 'https://:p@host' }), /user name or a password/],
    ['an empty key', clientOf({}, { apiKey: ' ' }), /The API key is empty/],
    [
      'a header with a line break',
      clientOf({ getHeaders: () => ({ 'x-team': 'a\nb' }) }),
      /header x-team cannot be sent/,
    ],
  ])('because of %s is not made', async (_, client, message) => {
    const { failure, wasMade } = await failureOf(client);
    expect(failure).toMatchObject({ kind: 'not-sent', status: undefined });
    expect(failure.message).toMatch(message);
    expect(wasMade).toBe(false);
  });

  it('because the SDK has failed before it made the request asks for credentials', async () => {
    const client = clientOf({ getFetch: () => undefined });
    const { failure } = await failureOf(client, (observer) => {
      observer.httpOptions(client);
      throw Object.assign(new Error('no token'), { status: 400 });
    });
    expect(failure).toMatchObject({ kind: 'not-sent', status: undefined, message: 'HTTP 400: no token' });
    expect(failure.advice).toMatch(/^Give a key/);
  });

  it.each([
    ['the same', 'no token', 'not-sent'],
    ['another', 'no network', 'ambiguous'],
  ])('because of the credentials fails in %s way when they are asked for again', async (_, again, kind) => {
    const client = clientOf({ getAuthHeaders: () => Promise.reject(new Error(again)) });
    const { failure } = await failureOf(client, () => {
      throw new Error('no token');
    });
    expect(failure.kind).toBe(kind);
  });
});

describe('the fetch of a request', () => {
  /** The `init` that the platform's `fetch` gets, with this dispatcher of undici, from a client without a `fetch` of its own. */
  async function passedOn(init: RequestInit, dispatcher: unknown): Promise<PassedOn> {
    const fetched = vi.fn<typeof fetch>(() => Promise.resolve(new Response('{}')));
    // Node loads undici at the first use, and undici then puts its own dispatcher there.
    const options = new RequestObserver().httpOptions(clientOf({ getFetch: () => undefined }));
    expect(new Response('{}').ok).toBe(true);
    const own: unknown = Reflect.get(globalThis, DISPATCHER);
    vi.stubGlobal('fetch', fetched);
    Reflect.set(globalThis, DISPATCHER, dispatcher);
    try {
      await options.fetch?.('https://host', init);
    } finally {
      Reflect.set(globalThis, DISPATCHER, own);
      vi.unstubAllGlobals();
    }
    return fetched.mock.calls[0]?.[1] as PassedOn;
  }

  it("has no time limits of undici's own", async () => {
    const dispatch = vi.fn(() => true);
    const { method, dispatcher } = await passedOn({ method: 'POST' }, { dispatch });
    expect(method).toBe('POST');
    dispatcher?.dispatch({ path: '/' }, 'a handler');
    expect(dispatch).toHaveBeenCalledWith({ path: '/', headersTimeout: 0, bodyTimeout: 0 }, 'a handler');
  });

  it("is the platform's as it is where undici is not to be found", async () => {
    const init = { method: 'POST' };
    expect(await passedOn(init, undefined)).toBe(init);
  });
});

describe('the events of a stream', () => {
  const answerOf = (status: number, type: string): Response =>
    new Response('data: {"event_id":"e1"}\n\n', { status, headers: { 'content-type': type } });

  /** What is seen of an answer, and what the SDK reads of it. */
  async function seen(answer: Response, options?: { readsEvents: boolean }) {
    const client = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: () => Promise.resolve(answer) } });
    const observer = new RequestObserver(options);
    const source = await observer.interactions(client).get('an-id', { stream: true }, { maxRetries: 0 });
    const values: unknown[] = [];
    for await (const value of source as AsyncIterable<unknown>) values.push(value);
    return { observer, values };
  }

  it.each(['text/event-stream', 'Text/Event-Stream; charset=utf-8'])(
    'are read by the library where it asks for that (%s)',
    async (type) => {
      const { observer, values } = await seen(answerOf(200, type), { readsEvents: true });
      expect(values).toEqual([]);
      expect(await observer.events?.getReader().read()).toEqual({ done: false, value: { event_id: 'e1' } });
      expect(observer.response?.status).toBe(200);
    },
  );

  it('are read by the SDK where it does not', async () => {
    const { observer, values } = await seen(answerOf(200, 'text/event-stream'));
    expect(values).toEqual([{ event_id: 'e1' }]);
    expect(observer.events).toBe(undefined);
  });

  it.each([
    [404, 'text/event-stream'],
    [200, 'text/plain'],
  ])('are not looked for in an answer with %i and %s', async (status, type) => {
    const observer = new RequestObserver({ readsEvents: true });
    const answer = answerOf(status, type);
    const client = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: () => Promise.resolve(answer) } });
    const opening = observer.interactions(client).get('an-id', { stream: true }, { maxRetries: 0 });
    await expect(Promise.resolve(opening)).rejects.toThrow(/Body: data: /);
    expect(observer.events).toBe(undefined);
  });
});
