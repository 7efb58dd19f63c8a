import { GoogleGenAI } from '@google/genai';
import { expect, it } from 'vitest';
import { cancelable } from '../../src/index.js';
import { lighthouse, resolution, setup } from '../support/setup.js';
import { ways } from './support.js';

const WAIT_MS = 7_000;

/** Forms of `Retry-After` that ask for seven seconds at a time of the clock. */
const forms: readonly (readonly [string, (now: number) => Record<string, string>])[] = [
  ['seconds', () => ({ 'retry-after': '7' })],
  ['a date', (now) => ({ 'retry-after': new Date(now + WAIT_MS).toUTCString() })],
  [
    'a date, by a clock that is an hour ahead',
    (now) => ({
      date: new Date(now + 3_600_000).toUTCString(),
      'retry-after': new Date(now + 3_600_000 + WAIT_MS).toUTCString(),
    }),
  ],
];

it.each(ways.slice(0, 3).flatMap((way) => forms.map(([form, headers]) => ({ ...way, form, headers }))))(
  '#88, #89 Retry-After is not read: $name waits for $form',
  async ({ create, backend, headers }) => {
    const { clock, emulator } = setup();
    const at: number[] = [];
    const own: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      const isCreate = request.method === 'POST' && at.push(clock.now()) === 1;
      if (!isCreate) return emulator.fetch(request);
      const error = { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Too many.' };
      return Response.json({ error }, { status: 429, headers: headers(clock.now()) });
    };
    const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: own } });
    const operation = cancelable(ai, { clock }).start(lighthouse, { backend });
    operation.on('warning', () => undefined);
    await resolution(clock, operation.result());
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBe(WAIT_MS);
    expect(emulator.meter.requestsTo(create)).toHaveLength(1);
  },
);
