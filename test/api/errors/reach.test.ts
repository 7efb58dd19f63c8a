import { GoogleGenAI } from '@google/genai';
import { afterAll, describe, expect, it } from 'vitest';
import {
  cancelable,
  GenaiCancelError,
  memoryJournal,
  type CancelableImages,
  type CancelableOptions,
  type Operation,
} from '../../../src/index.js';
import type { Emulator, Fault, Route, VirtualClock } from '../../../src/testing/index.js';
import { createMachine, LEASE_MS } from '../../support/machine.js';
import { lighthouse, rejection, resolution, setup, type Setup } from '../../support/setup.js';

/** An error, as a caller gets it, and the server that it came from. */
interface Reached {
  readonly error: unknown;
  readonly emulator: Emulator;
}

/** One way to an error of A2. */
interface Way {
  readonly code: string;
  readonly by: string;
  readonly reach: () => Promise<Reached>;
  /** How many requests reached the server, by route. */
  readonly requests: Partial<Record<Route, number>>;
  readonly jobs: readonly object[];
}

const ENDLESS: Fault = { kind: 'end', status: 'pondering' };
const LOST_STREAM: Fault = { kind: 'status', route: 'stream', status: 404 };
const two = { ...lighthouse, config: { numberOfImages: 2 } };
const withName = { name: expect.stringMatching(/^interactions\/[\w-]+$/) as string };
const withDisplayName = { displayName: expect.stringMatching(/^genai-cancel-\w+$/) as string };

/** Catches what a call throws or rejects with. */
async function caught(clock: VirtualClock, call: () => Operation | Promise<unknown>): Promise<unknown> {
  try {
    const started = call();
    if (started instanceof Promise) return await rejection(clock, started);
    // A warning without a listener goes to the console.
    started.on('warning', () => undefined);
    return await rejection(clock, started.result());
  } catch (error) {
    return error;
  }
}

/** Reaches the error of one call to a client for the Gemini API. */
function from(
  call: (images: CancelableImages, all: Setup) => Operation | Promise<unknown>,
  faults: readonly Fault[] = [],
  client: CancelableOptions = {},
): () => Promise<Reached> {
  return async () => {
    const all = setup({ emulator: { faults }, client });
    return { error: await caught(all.clock, () => call(all.images, all)), emulator: all.emulator };
  };
}

const starting = (faults: readonly Fault[] = [], client: CancelableOptions = {}): (() => Promise<Reached>) =>
  from((images) => images.start(lighthouse), faults, client);

/** Nobody listens where the client sends to. */
async function refuseConnections(): Promise<Reached> {
  const { clock, emulator } = setup();
  const refuse: typeof fetch = () =>
    Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } }));
  const images = cancelable(new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch: refuse } }), { clock });
  return { error: await caught(clock, () => images.start(lighthouse)), emulator };
}

/** Another process picks the operation up while this one sleeps. */
async function takeOver(): Promise<Reached> {
  const machine = createMachine({ faults: [ENDLESS, LOST_STREAM] });
  const { clock, emulator } = machine;
  const first = machine.start();
  const operation = first.images.start(lighthouse);
  await resolution(clock, operation.submitted());
  const thaw = first.freeze();
  await clock.advance(LEASE_MS);
  const another = machine.start();
  const { operations } = await resolution(clock, another.images.recover());
  thaw();
  const error = await rejection(clock, operation.result());
  for (const taken of operations) taken.operation.detach();
  return { error, emulator };
}

/** The images of a batch on Vertex lie where the storage does not let the library read. */
async function readNothing(): Promise<Reached> {
  const { clock, emulator, images } = setup({ vertex: true });
  emulator.bucket.put('gs://in/requests.jsonl', JSON.stringify({ key: '0', request: { contents: 'a fox' } }));
  const bucket = (): never => {
    throw Object.assign(new Error('No.'), { code: 403 });
  };
  const options = { model: lighthouse.model, destination: 'gs://out/results', storage: { bucket } };
  return { error: await caught(clock, () => images.startBatch('gs://in/requests.jsonl', options)), emulator };
}

const readOnly = { ...memoryJournal(), add: () => Promise.reject(new Error('The disk is full.')) };

async function closeFirst(images: CancelableImages): Promise<never> {
  await images.close();
  images.start(lighthouse);
  throw new Error('Expected an error.');
}

async function cancelLater({ clock, images }: Setup): Promise<unknown> {
  const operation = images.start(two);
  await clock.advance(500);
  void operation.cancel(new Error('my reason'));
  return operation.result();
}

const classes: Readonly<Record<string, readonly Way[]>> = {
  NotStartedError: [
    {
      code: 'NOT_SENT',
      by: 'a connection that was refused',
      reach: refuseConnections,
      requests: {},
      jobs: [{ index: 0, backend: 'interactions', state: 'not-started' }],
    },
    {
      code: 'REJECTED',
      by: 'a 400',
      reach: starting([{ kind: 'status', route: 'create', status: 400, message: 'No.' }]),
      requests: { create: 1 },
      jobs: [{ index: 0, backend: 'interactions', state: 'not-started' }],
    },
    {
      code: 'REJECTED',
      by: 'a 400 to `models`',
      reach: starting([{ kind: 'status', route: 'generateContent', status: 400, message: 'No.' }], {
        backend: 'models',
      }),
      requests: { generateContent: 1 },
      jobs: [{ index: 0, backend: 'models', state: 'not-started' }],
    },
    {
      code: 'NOT_CANCELABLE',
      by: 'a refused background, with `requireCancelable`',
      reach: starting([{ kind: 'background-refused', route: 'create' }], { requireCancelable: true }),
      requests: { create: 1 },
      jobs: [{ index: 0, backend: 'interactions', state: 'not-started' }],
    },
    {
      code: 'NOT_CANCELABLE',
      by: 'the backend `models`, with `requireCancelable`',
      reach: starting([], { backend: 'models', requireCancelable: true }),
      requests: {},
      jobs: [],
    },
    {
      code: 'MODEL_RETIRED',
      by: 'an Imagen model',
      reach: from((images) => images.start({ ...lighthouse, model: 'imagen-4.0-generate-001' })),
      requests: {},
      jobs: [],
    },
    {
      code: 'JOURNAL_FAILED',
      by: 'a journal that cannot be written',
      reach: starting([], { journal: readOnly }),
      requests: {},
      jobs: [{ index: 0, backend: 'interactions', state: 'not-started' }],
    },
    { code: 'CLIENT_CLOSED', by: 'close()', reach: from(closeFirst), requests: {}, jobs: [] },
  ],
  MayBeRunningError: [
    {
      code: 'RESPONSE_LOST',
      by: 'a reset of the create',
      reach: starting([{ kind: 'reset', route: 'create', when: 'after' }]),
      requests: { create: 1 },
      jobs: [{ index: 0, backend: 'interactions', state: 'unknown' }],
    },
    {
      code: 'RESPONSE_LOST',
      by: 'a reset of the create of a batch that is in no list',
      reach: starting(
        [
          { kind: 'reset', route: 'batch-create', when: 'after' },
          { kind: 'list-lag', ms: 600_000 },
        ],
        { backend: 'batches' },
      ),
      requests: { 'batch-create': 1, 'batch-list': 7 },
      jobs: [{ index: 0, backend: 'batches', state: 'unknown', ...withDisplayName }],
    },
    {
      code: 'RESPONSE_LOST',
      by: 'a reset of `models`',
      reach: starting([{ kind: 'reset', route: 'generateContent', when: 'after' }], { backend: 'models' }),
      requests: { generateContent: 1 },
      jobs: [{ index: 0, backend: 'models', state: 'unknown' }],
    },
    {
      code: 'WATCH_LOST',
      by: 'reads that are forbidden',
      reach: starting([ENDLESS, LOST_STREAM, { kind: 'status', route: 'get', status: 403 }], {
        limits: { watchMs: 10_000 },
      }),
      requests: { create: 1, stream: 6, get: 6 },
      jobs: [{ index: 0, backend: 'interactions', state: 'unknown', ...withName }],
    },
    {
      code: 'TAKEN_OVER',
      by: 'another process that recovered it',
      reach: takeOver,
      requests: { create: 1, stream: 1, get: 2 },
      jobs: [{ index: 0, backend: 'interactions', state: 'unknown', ...withName }],
    },
  ],
  OperationFailedError: [
    {
      code: 'FAILED',
      by: 'a job that failed',
      reach: starting([{ kind: 'fail', message: 'out of paint' }]),
      requests: { create: 1, stream: 1 },
      jobs: [{ index: 0, backend: 'interactions', state: 'failed', lastStatus: 'failed', ...withName }],
    },
    {
      code: 'RESULT_UNREADABLE',
      by: 'a bucket that may not be read',
      reach: readNothing,
      requests: { 'batch-create': 1, 'batch-get': 3 },
      jobs: [{ index: 0, backend: 'batches', state: 'succeeded', results: expect.stringMatching(/^gs:/) as string }],
    },
  ],
  AbortError: [
    {
      code: 'ABORT_ERR',
      by: 'cancel()',
      reach: from((_, all) => cancelLater(all)),
      requests: { create: 2, stream: 2, cancel: 2 },
      jobs: [0, 1].map((index) => ({ index, backend: 'interactions', state: 'cancelled', ...withName })),
    },
    {
      code: 'ABORT_ERR',
      by: 'a signal that was aborted before',
      reach: starting([], { cancelSignal: AbortSignal.abort() }),
      requests: {},
      jobs: [{ index: 0, backend: 'interactions', state: 'not-started' }],
    },
  ],
  UnsupportedParameterError: [
    {
      code: 'UNSUPPORTED_PARAMETER',
      by: '`negativePrompt`',
      reach: from((images) => images.start({ ...lighthouse, config: { negativePrompt: 'people' } })),
      requests: {},
      jobs: [],
    },
  ],
};

const ways = Object.entries(classes).flatMap(([name, list]) => list.map((way) => ({ name, ...way })));
const table: object[] = [];

describe('each error of the contract is reached through the public surface', () => {
  it.each(ways)('$name $code by $by', async ({ name, code, by, reach, requests, jobs }) => {
    const { error, emulator } = await reach();
    expect(error).toBeInstanceOf(GenaiCancelError);
    const { jobs: named } = error as GenaiCancelError;
    const arrived = countRoutes(emulator);
    table.push({ name, code, by, requests: textOf(arrived), jobs: named.map(textOf).join(' | ') });
    expect(error).toMatchObject({ name, code, jobs });
    expect(named).toHaveLength(jobs.length);
    expect(emulator.meter.jobs.map((job) => job.name)).toEqual(
      expect.arrayContaining(named.flatMap((job) => job.name ?? [])),
    );
    expect(arrived).toEqual(requests);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name, code, jobs });
  });

  afterAll(() => console.table(table));
});

function countRoutes({ meter }: Emulator): Partial<Record<Route, number>> {
  const counts: Partial<Record<Route, number>> = {};
  for (const { route } of meter.requests) counts[route] = (counts[route] ?? 0) + 1;
  return counts;
}

/** Writes the fields of an object in one line. */
function textOf(fields: object): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');
}
