import { GoogleGenAI } from '@google/genai';
import { afterEach, expect, it, vi } from 'vitest';
import { cancelable, type Operation } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../support/setup.js';
import { endless, noStream } from './support.js';

const KEY = 'the-key-of-the-client';
const TEAM = 'the-header-of-the-team';
const credentials = [
  KEY,
  TEAM,
  `Bearer ya29.${'x'.repeat(20)}`,
  `AIza${'x'.repeat(35)}`,
  'https://host/v1?key=the-key-in-an-address',
];
const secrets = ['the-key', TEAM, 'x'.repeat(20)];

/** Pairs of prompts: the first one may be a part of the second, which the server repeats as the third. */
const texts = [
  ['a fox', 'a prompt in one piece', 'a prompt in one piece'],
  ['a fox', 'a "quoted"\nprompt', 'a \\"quoted\\"\\nprompt'],
  ['a fox', '  a prompt with margins\n', 'a prompt with margins'],
  ['a prompt', 'a prompt that begins with another', 'a prompt that begins with another'],
  ['with another', 'a prompt that ends with another', 'a prompt that ends with another'],
] as const;

const cases = texts.map(([first, second, repeated]) => ({
  first,
  second,
  repeated,
  message: `No ${repeated}, ${credentials.join(', ')}!`,
}));

afterEach(() => vi.restoreAllMocks());

function setupWith(faults: readonly Fault[]): Setup {
  const { clock, emulator, ...others } = setup({ emulator: { faults } });
  const httpOptions = { fetch: emulator.fetch, headers: { 'x-team': TEAM } };
  const ai = new GoogleGenAI({ apiKey: KEY, httpOptions });
  return { ...others, clock, emulator, ai, images: cancelable(ai, { clock }) };
}

/** All that the operation warns of, and that the console is told, until it is cancelled. */
async function toldBy({ clock }: Setup, operation: Operation): Promise<string> {
  const told: unknown[] = [];
  vi.spyOn(console, 'warn').mockImplementation((...args) => void told.push(...args));
  operation.on('warning', ({ message }) => told.push(message));
  await clock.advance(60_000);
  void operation.cancel();
  const error = await rejection(clock, operation.result());
  return JSON.stringify([told, error, (error as Error).message, operation.jobs]);
}

function expectNoSecret(told: string): void {
  for (const secret of [...secrets, 'prompt in', 'quoted', 'prompt with', 'begins with', 'ends with']) {
    expect(told).not.toContain(secret);
  }
}

it.each(cases)(
  '#51 a key and a prompt in a warning: of a status that cannot be read ($repeated)',
  async ({ first, second, message }) => {
    const all = setupWith([{ kind: 'status', route: 'batch-get', status: 500, message }]);
    const requests = [first, second].map((prompt) => ({ prompt }));
    const operation = all.images.startBatch(requests, { model: lighthouse.model });
    const told = await toldBy(all, operation);
    expect(told).toContain('[prompt]');
    expectNoSecret(told);
  },
);

it.each(cases.filter(({ first }) => first === 'a fox'))(
  '#51 a key and a prompt in a warning: of an interaction ($repeated)',
  async ({ second, message }) => {
    const all = setupWith([noStream, endless, { kind: 'status', route: 'get', status: 500, message }]);
    const told = await toldBy(all, all.images.start({ ...lighthouse, prompt: second }));
    expect(told).toContain('[prompt]');
    expectNoSecret(told);
  },
);

it.each(cases)('#51 a key and a prompt in a warning: of an image that failed ($repeated)', async (given) => {
  const { first, second, message } = given;
  const all = setupWith([{ kind: 'fail', item: 1, message }]);
  const requests = [first, second].map((prompt) => ({ prompt }));
  const operation = all.images.startBatch(requests, { model: lighthouse.model });
  const warnings: unknown[] = [];
  operation.on('warning', (warning) => warnings.push(warning));
  await resolution(all.clock, operation.result());
  const told = JSON.stringify([warnings, operation.jobs]);
  expect(warnings).toMatchObject([{ code: 'job-failed' }]);
  expect(told).toContain('[prompt]');
  expectNoSecret(told);
});
