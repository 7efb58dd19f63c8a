import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Route } from '../../src/testing/routes.js';
import { arena, endOf, type Arena } from './arena.js';
import type { Trick } from './hostile-server.js';
import { expectSound } from './invariants.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';
import { ECHO, PROMPT } from './secrets.js';

/** Whatever comes before it, so that what is cut off is cut off anywhere in what was quoted. */
const quoting = fc.tuple(fc.nat(560), fc.boolean()).map(([length, isEscaped]) => {
  const echo = isEscaped ? JSON.stringify(ECHO) : ECHO;
  return `${'x'.repeat(length)}${echo}${'y'.repeat(2_000)}`;
});

const always = (route: Route, body: unknown, status = 200): Trick => ({
  route,
  skip: 0,
  times: Infinity,
  play: () => Response.json(body, { status }),
});

const batchName = 'batches/a';
const cases: readonly (readonly [
  string,
  (quote: string, status: number) => readonly Trick[],
  'one' | 'batch' | 'models',
])[] = [
  ['a refused create', (message, status) => [always('create', { error: { message } }, status)], 'one'],
  [
    'a refused status',
    (message, status) => [always('stream', { error: { message } }, 400), always('get', { error: { message } }, status)],
    'one',
  ],
  [
    'an undocumented status',
    (status) => [always('create', { id: 'x', status }), always('stream', {}, 404), always('get', { id: 'x', status })],
    'one',
  ],
  ['a failure', (message) => [always('create', { id: 'x', status: 'failed', errors: [{ message }] })], 'one'],
  [
    'a refused synchronous request',
    (message, status) => [always('generateContent', { error: { message } }, status)],
    'models',
  ],
  [
    'a batch that failed',
    (message) => [
      always('batch-create', { name: batchName, metadata: { state: 'BATCH_STATE_FAILED' }, error: { message } }),
    ],
    'batch',
  ],
  [
    'an image of a batch that failed',
    (message) => [
      always('batch-create', {
        name: batchName,
        metadata: {
          state: 'BATCH_STATE_SUCCEEDED',
          output: { inlinedResponses: { inlinedResponses: [{ error: { code: 3, message } }] } },
        },
        response: { inlinedResponses: { inlinedResponses: [{ error: { code: 3, message } }] } },
      }),
    ],
    'batch',
  ],
];

describe.each(cases)('%s that quotes what was sent', (_, tricks, what) => {
  watchTheRealm();
  beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));

  it(
    'tells no key and no prompt, nor half of one, and no end of text',
    () =>
      fc.assert(
        fc.asyncProperty(quoting, fc.constantFrom(400, 403, 500, 409), async (quote, status) => {
          const world = arena(tricks(quote, status), { client: { timeoutMs: 8_000, cancelTimeoutMs: 1_000 } });
          const ending = await endOf(world, start(world, what));
          expect(ending.error).toBeInstanceOf(Error);
          expectSound(world, ending);
        }),
        runs(25),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

function start({ images }: Arena, what: 'one' | 'batch' | 'models'): ReturnType<Arena['images']['start']> {
  const model = 'gemini-3.1-flash-image';
  if (what === 'batch') return images.startBatch([{ prompt: PROMPT }], { model });
  return images.start({ model, prompt: PROMPT }, { backend: what === 'models' ? 'models' : 'interactions' });
}
