import type { EmulatorOptions } from '../../../src/testing/index.js';
import { BASE, eventsOf, MODEL, setUp, type StreamedEvent } from '../helpers.js';

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body. */
  readonly body: Body;
}

/** The fields that the bodies in these tests may have. */
interface Body {
  readonly id: string;
  readonly status: string;
  readonly name: string;
  readonly done?: boolean;
  readonly error: { code: unknown; message: string; status?: string; details?: unknown[] };
  readonly metadata: Record<string, unknown> & { output?: unknown; batchStats: unknown; state: string };
  readonly response?: Record<string, unknown> & { responsesFile?: string };
  readonly steps: { type: string; signature?: string; content?: Record<string, unknown>[] }[];
  readonly usage: Record<string, unknown>;
  readonly operations: Body[];
  readonly nextPageToken?: string;
  readonly candidates: { content: { parts: Record<string, unknown>[] }; finishReason?: string }[];
  readonly usageMetadata: Record<string, unknown>;
  readonly service_tier: string;
  readonly supportedGenerationMethods: string[];
}

export const CONTENT = { contents: [{ role: 'user', parts: [{ text: 'a fox' }] }] };
export const INTERACTION = { model: MODEL, input: 'a fox', background: true };

/** Bare requests to an emulator: no client of any kind is in between. */
export function raw(options: EmulatorOptions = {}) {
  const { emulator, clock } = setUp(options);
  const send = (method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> =>
    emulator.fetch(path.startsWith('http') ? path : `${BASE}${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...init,
      headers: { 'x-goog-api-key': 'k', ...(init.headers as Record<string, string> | undefined) },
    });
  const ask = async (method: string, path: string, body?: unknown, init?: RequestInit): Promise<Answer> =>
    read(await send(method, path, body, init));
  const create = (fields: object = {}): Promise<Answer> =>
    ask('POST', '/v1beta/interactions', { ...INTERACTION, ...fields });
  return {
    emulator,
    clock,
    send,
    ask,
    create,
    get: (id: string): Promise<Answer> => ask('GET', `/v1beta/interactions/${id}`),
    cancel: (id: string): Promise<Answer> => ask('POST', `/v1beta/interactions/${id}/cancel`, {}),
    events: async (id: string, query = ''): Promise<StreamedEvent[]> =>
      eventsOf(await send('GET', `/v1beta/interactions/${id}?stream=true${query}`)),
    /** Asks, and lets the work be done that the answer waits for. */
    work: async (method: string, path: string, body: unknown): Promise<Answer> => {
      const answer = ask(method, path, body);
      await clock.advance(5000);
      return answer;
    },
  };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = /^application\/json\b/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : {}) as Body };
}

export const contentPath = (model = MODEL): string => `/v1beta/models/${model}:generateContent`;
