import { inspect } from 'node:util';
import { GoogleGenAI } from '@google/genai';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { cancelable, type CancelableImages, type Journal, type Operation } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { createMachine, LEASE_MS, type Machine } from '../support/machine.js';
import { settle } from '../support/setup.js';

const KEY = 'PLANTED-KEY-8c1f';
const HEADER = 'PLANTED-HEADER-4d2a';
const PROMPT = 'PLANTED-PROMPT of a lighthouse';
const model = 'gemini-3.1-flash-image';

/** A server that quotes whatever it was told. */
const QUOTE = `The key ${KEY}, the header ${HEADER} and "${PROMPT}" are not to my taste.`;

/** Everything that anyone could write down, log or send on. */
class Everything {
  readonly texts: string[] = [];

  add(...values: readonly unknown[]): void {
    for (const value of values) {
      this.texts.push(typeof value === 'string' ? value : `${JSON.stringify(value)}${inspect(value, { depth: 12 })}`);
    }
  }

  /** Events carry the images, and reports the caller's own reason: neither is ours to hide from its owner. */
  listen(operation: Operation): void {
    operation.on('warning', (event) => this.add(event));
    operation.on('submitted', (event) => this.add(event));
    operation.on('settled', ({ error }) => this.add(error, operation.jobs, operation.toJSON()));
  }
}

function plant(machine: Machine, everything: Everything): CancelableImages {
  const { journal } = machine.start();
  const recording: Journal = {
    ...journal,
    add: (id, text) => (everything.add(id, text), journal.add(id, text)),
    write: (claim, text) => (everything.add(claim, text), journal.write(claim, text)),
  };
  const httpOptions = { fetch: machine.emulator.fetch, headers: { 'x-planted': HEADER } };
  const ai = new GoogleGenAI({ apiKey: KEY, httpOptions });
  return cancelable(ai, { clock: machine.clock, journal: recording, limits: { watchMs: 30_000 } });
}

const faults: readonly (readonly [string, readonly Fault[]])[] = [
  ['nothing goes wrong', []],
  ['creates are refused', [{ kind: 'status', route: '*', status: 400, message: QUOTE }]],
  ['creates are answered 500', [{ kind: 'status', route: 'create', status: 500, message: QUOTE, when: 'after' }]],
  ['creates are answered with rubbish', [{ kind: 'garbage', route: 'create', body: QUOTE, when: 'after' }]],
  ['batches are answered 500', [{ kind: 'status', route: 'batch-create', status: 500, message: QUOTE }]],
  ['jobs fail', [{ kind: 'fail', message: QUOTE }]],
  ['jobs are refused', [{ kind: 'refuse', text: 'No.' }]],
  [
    'reads fail',
    [
      { kind: 'status', route: 'get', status: 403, message: QUOTE },
      { kind: 'status', route: 'stream', status: 403, message: QUOTE },
    ],
  ],
  ['cancels fail', [{ kind: 'status', route: 'cancel', status: 400, message: QUOTE }]],
  ['the server does not run it in the background', [{ kind: 'background-refused' }]],
];

describe('no key, header, image or prompt is written down, logged, or in an error', () => {
  let everything: Everything;
  let log: MockInstance;
  let write: MockInstance;

  beforeEach(() => {
    everything = new Everything();
    log = vi.spyOn(console, 'warn').mockImplementation((...values) => everything.add(...values));
    write = vi.spyOn(console, 'error').mockImplementation((...values) => everything.add(...values));
  });

  afterEach(() => {
    log.mockRestore();
    write.mockRestore();
  });

  it.each(
    faults.flatMap(([name, some]) => (['result', 'cancel', 'crash'] as const).map((how) => [name, how, some] as const)),
  )('when %s, by %s', async (_, how, some) => {
    const machine = createMachine({ faults: [...some], workMs: how === 'crash' ? 10 * LEASE_MS : 2_000 });
    const images = plant(machine, everything);
    const request = { model, prompt: PROMPT, config: { numberOfImages: 2 } };
    const operations = [
      images.start(request),
      images.start(request, { backend: 'batches' }),
      images.startBatch([{ prompt: PROMPT }], { model }),
      images.start(request, { backend: 'models' }),
    ];
    for (const operation of operations) everything.listen(operation);
    await machine.clock.advance(500);
    everything.add(...operations.map((operation) => operation.toJSON()));
    if (how === 'cancel') await settle(machine.clock, images.cancelAll());
    if (how === 'crash') await recoverElsewhere(machine);
    else for (const operation of operations) everything.add(errorOf(await settle(machine.clock, operation.result())));
    await machine.clock.advance(0);
    everything.add(await machine.read(), ...machine.entries.values());
    const text = everything.texts.join('\n');
    for (const secret of [KEY, HEADER, PROMPT]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/[A-Za-z0-9+/]{200}/);
    // The secrets were there to be found.
    expect(text.length).toBeGreaterThan(500);
    expect(JSON.stringify(machine.emulator.meter.requests)).toContain(PROMPT);
  });
});

/** Recovers in another process, which does not know the prompts: where a server quotes them, it cannot tell. */
async function recoverElsewhere(machine: Machine): Promise<void> {
  await machine.clock.advance(LEASE_MS);
  const everything = new Everything();
  const images = plant(machine, everything);
  everything.add(await settle(machine.clock, images.recover()), await machine.read());
  for (const operation of images.operations) {
    everything.listen(operation);
    everything.add(errorOf(await settle(machine.clock, operation.result())));
  }
  const text = everything.texts.join('\n');
  for (const secret of [KEY, HEADER]) expect(text).not.toContain(secret);
}

function errorOf(result: PromiseSettledResult<unknown>): unknown {
  return result.status === 'rejected' ? result.reason : undefined;
}
