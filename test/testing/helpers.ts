import { GoogleGenAI } from '@google/genai';
import { createEmulator, createVirtualClock, type Emulator, type EmulatorOptions } from '../../src/testing/index.js';

export const BASE = 'https://generativelanguage.googleapis.com';
export const MODEL = 'gemini-3.1-flash-image';
export const CREATE = { model: MODEL, input: 'a red fox', background: true };

/** An emulator on a clock that stands still, the SDK and bare requests that reach it in process. */
export function setUp(options: EmulatorOptions = {}) {
  const clock = createVirtualClock({ now: Date.UTC(2026, 10, 1) });
  const emulator = createEmulator({ clock, warn: () => undefined, ...options });
  const ai = sdk(emulator);
  return { clock, emulator, ai, ...requests(emulator) };
}

/** The real SDK on the emulator, without its retries: its back-off would take real time. */
export function sdk(emulator: Emulator): GoogleGenAI {
  return new GoogleGenAI({ apiKey: 'k', httpOptions: { fetch: emulator.fetch } });
}

export const NO_RETRY = { maxRetries: 0 };

interface Resource {
  id: string;
  status: string;
  created: string;
  updated: string;
  model?: string;
  agent?: string;
  service_tier: string;
  previous_interaction_id?: string;
  steps?: {
    type: string;
    signature?: string;
    content?: { type: string; data: string; uri?: string; mime_type: string; text?: string }[];
  }[];
  usage?: Record<string, unknown>;
  errors?: { code: string; message: string }[];
}

/** An error: interactions have a text for a code and no status, everything else a number and a status. */
export interface ErrorBody {
  error: { code: number | string; message: string; status?: string; details?: { reason: string }[] };
}

/** Bare requests, as any HTTP client would make them. */
export function requests(emulator: Pick<Emulator, 'fetch'>, base = `${BASE}/v1beta`) {
  const headers = { 'x-goog-api-key': 'k' };
  const send = (method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> =>
    emulator.fetch(`${base}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...init,
    });
  return {
    send,
    create: async (body: object = {}): Promise<Resource> => {
      const response = await send('POST', '/interactions', { ...CREATE, ...body });
      return (await response.json()) as Resource;
    },
    get: async (id: string): Promise<Resource> =>
      (await send('GET', `/interactions/${id}`)).json() as Promise<Resource>,
    cancel: (id: string): Promise<Response> => send('POST', `/interactions/${id}/cancel`),
    remove: (id: string): Promise<Response> => send('DELETE', `/interactions/${id}`),
    openStream: (id: string, query = '', init?: RequestInit): Promise<Response> =>
      send('GET', `/interactions/${id}?stream=true${query}`, undefined, init),
  };
}

export interface StreamedEvent {
  event_type: string;
  event_id: string;
  index?: number;
  status?: string;
  delta?: { type: string; data: string; mime_type: string; signature?: string };
  interaction?: Resource;
  error?: { code: string; message: string };
}

/** The data of all events of a stream that ends. */
export async function eventsOf(response: Response): Promise<StreamedEvent[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .map((frame) => /^data: (.*)$/m.exec(frame)?.[1])
    .filter((data) => data !== undefined && data !== '[DONE]')
    .map((data) => JSON.parse(data ?? '') as StreamedEvent);
}

/** The events of an interaction that makes an image. */
export const WHOLE = [
  'interaction.created',
  'interaction.status_update',
  ...['step.start', 'step.delta', 'step.stop'],
  ...['step.start', 'step.delta', 'step.stop'],
  'interaction.completed',
];

export const typesOf = (events: readonly StreamedEvent[]): string[] => events.map((event) => event.event_type);

export async function errorOf(response: Response): Promise<ErrorBody['error'] & { http: number }> {
  return { http: response.status, ...((await response.json()) as ErrorBody).error };
}
