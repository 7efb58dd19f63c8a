import { GoogleGenAI } from '@google/genai';
import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  cancelable,
  GenaiCancelError,
  MayBeRunningError,
  memoryJournal,
  NotStartedError,
  OperationCancelledError,
  OperationFailedError,
  UnsupportedParameterError,
  type CancelableOptions,
  type Operation,
} from '../../../src/index.js';
import type { Emulator, Fault, VirtualClock } from '../../../src/testing/index.js';
import { createMachine, LEASE_MS } from '../../support/machine.js';
import { lighthouse, rejection, resolution, setup } from '../../support/setup.js';
import { setupVertex } from '../../google/batches/vertex-setup.js';

/** An error, and the server that it came about with. */
interface Reached {
  readonly error: unknown;
  readonly emulator: Emulator;
}

interface Way {
  readonly type: new (...args: never) => GenaiCancelError;
  readonly code: string;
  readonly how: string;
  /** The routes of the requests that reach the server, in order; a repeated one is written once, with its number. */
  readonly requests: string;
  /** `jobs` of the error. */
  readonly jobs: readonly object[];
  readonly reach: () => Promise<Reached>;
}

const endless: Fault = { kind: 'end', status: 'pondering' };
const unreadable: readonly Fault[] = [
  { kind: 'status', route: 'stream', status: 404 },
  { kind: 'status', route: 'get', status: 403 },
];

/** Rejects like an operation that is started with these faults. */
async function startWith(faults: readonly Fault[], options: CancelableOptions = {}, config = {}): Promise<Reached> {
  const { clock, emulator, images } = setup({ emulator: { faults }, client: options });
  const operation = images.start({ ...lighthouse, config });
  return { error: await endOf(operation, clock), emulator };
}

function endOf(operation: Operation | undefined, clock: VirtualClock): Promise<unknown> {
  operation?.on('warning', () => undefined);
  return rejection(clock, Promise.resolve(operation?.result()));
}

/** Returns what a call throws. */
function thrown(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

async function takenOver(): Promise<Reached> {
  const machine = createMachine({ faults: [endless] });
  const { clock, emulator } = machine;
  const first = machine.start();
  const operation = first.images.start(lighthouse);
  operation.on('warning', () => undefined);
  await clock.advance(1_000);
  const thaw = first.freeze();
  await clock.advance(LEASE_MS);
  const { operations } = await resolution(clock, machine.start().images.recover());
  for (const { operation: other } of operations) other.on('warning', () => undefined);
  await clock.advance(1_000);
  thaw();
  return { error: await endOf(operation, clock), emulator };
}

async function neverSent(): Promise<Reached> {
  const { clock, emulator } = setup();
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const fetch = vi.fn(() => Promise.reject(new TypeError('fetch failed', { cause: refused })));
  const images = cancelable(new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch } }), { clock });
  const error = await endOf(images.start(lighthouse), clock);
  // Told at once, without a second try.
  expect(fetch).toHaveBeenCalledOnce();
  return { error, emulator };
}

async function cancelled(): Promise<Reached> {
  const { clock, emulator, images } = setup();
  const operation = images.start(lighthouse);
  await clock.advance(1_000);
  void operation.cancel(new Error('my reason'));
  return { error: await endOf(operation, clock), emulator };
}

async function unreadableResult(): Promise<Reached> {
  const { clock, emulator, startRows } = setupVertex();
  const bucket = (): never => {
    throw Object.assign(new Error('The bucket may not be read.'), { code: 403 });
  };
  return { error: await endOf(startRows(2, { storage: { bucket } }), clock), emulator };
}

const brokenJournal = { ...memoryJournal(), add: () => Promise.reject(new Error('The disk is full.')) };
const interaction = { index: 0, backend: 'interactions' };
const named = { ...interaction, name: expect.stringMatching(/^interactions\//) as string };

const ways: readonly Way[] = [
  {
    type: NotStartedError,
    code: 'NOT_SENT',
    how: 'the connection is refused',
    requests: '',
    jobs: [{ ...interaction, state: 'not-started' }],
    reach: neverSent,
  },
  {
    type: NotStartedError,
    code: 'REJECTED',
    how: 'the create is answered 400',
    requests: 'create',
    jobs: [{ ...interaction, state: 'not-started' }],
    reach: () => startWith([{ kind: 'status', route: 'create', status: 400, message: 'No such size.' }]),
  },
  {
    type: NotStartedError,
    code: 'NOT_CANCELABLE',
    how: 'requireCancelable, and the background is refused',
    requests: 'create',
    jobs: [
      { ...interaction, state: 'not-started' },
      { ...interaction, index: 1, state: 'not-started' },
    ],
    reach: () =>
      startWith(
        [{ kind: 'background-refused', route: 'create' }],
        { requireCancelable: true, maxConcurrency: 1 },
        { numberOfImages: 2 },
      ),
  },
  {
    type: NotStartedError,
    code: 'MODEL_RETIRED',
    how: 'start() with an Imagen model',
    requests: '',
    jobs: [],
    reach: () => {
      const { emulator, images } = setup();
      const error = thrown(() => images.start({ ...lighthouse, model: 'imagen-4.0-generate-001' }));
      return Promise.resolve({ error, emulator });
    },
  },
  {
    type: NotStartedError,
    code: 'JOURNAL_FAILED',
    how: 'the journal cannot be written',
    requests: '',
    jobs: [
      { ...interaction, state: 'not-started' },
      { ...interaction, index: 1, state: 'not-started' },
    ],
    reach: () => startWith([], { journal: brokenJournal }, { numberOfImages: 2 }),
  },
  {
    type: NotStartedError,
    code: 'CLIENT_CLOSED',
    how: 'start() after close()',
    requests: '',
    jobs: [],
    reach: async () => {
      const { emulator, images } = setup();
      await images.close();
      return { error: thrown(() => images.start(lighthouse)), emulator };
    },
  },
  {
    type: MayBeRunningError,
    code: 'RESPONSE_LOST',
    how: 'the connection is reset after the create was sent',
    requests: 'create',
    jobs: [{ ...interaction, state: 'unknown' }],
    reach: () => startWith([{ kind: 'reset', route: 'create', when: 'after' }]),
  },
  {
    type: MayBeRunningError,
    code: 'WATCH_LOST',
    how: 'no status can be read for limits.watchMs',
    requests: 'create, stream ×4, get ×4',
    jobs: [{ ...named, state: 'unknown' }],
    reach: () => startWith([...unreadable, endless], { limits: { watchMs: 3_000 } }),
  },
  {
    type: MayBeRunningError,
    code: 'TAKEN_OVER',
    how: 'the process slept, and another one has recovered the operation',
    requests: 'create, stream ×2, get',
    jobs: [{ ...named, state: 'unknown' }],
    reach: takenOver,
  },
  {
    type: OperationFailedError,
    code: 'FAILED',
    how: 'the job fails on the server',
    requests: 'create, stream',
    jobs: [{ ...named, state: 'failed', lastStatus: 'failed' }],
    reach: () => startWith([{ kind: 'fail', message: 'out of paint' }]),
  },
  {
    type: OperationFailedError,
    code: 'RESULT_UNREADABLE',
    how: 'a batch on Vertex, whose bucket may not be read',
    requests: 'batch-create, batch-get ×11',
    jobs: [
      {
        index: 0,
        indices: [0, 1],
        backend: 'batches',
        state: 'succeeded',
        results: expect.stringMatching(/^gs:/) as string,
      },
    ],
    reach: unreadableResult,
  },
  {
    type: OperationCancelledError,
    code: 'ABORT_ERR',
    how: 'cancel() while the job runs',
    requests: 'create, stream, cancel',
    jobs: [{ ...named, state: 'cancelled', lastStatus: 'cancelled' }],
    reach: cancelled,
  },
  {
    type: UnsupportedParameterError,
    code: 'UNSUPPORTED_PARAMETER',
    how: 'start() with a parameter that the backend cannot honour',
    requests: '',
    jobs: [],
    reach: () => {
      const { emulator, images } = setup();
      const error = thrown(() => images.start({ ...lighthouse, config: { negativePrompt: 'people' } }));
      return Promise.resolve({ error, emulator });
    },
  },
];

function requestsOf({ meter }: Emulator): string {
  const counts = new Map<string, number>();
  for (const { route } of meter.requests) counts.set(route, (counts.get(route) ?? 0) + 1);
  return [...counts].map(([route, count]) => (count === 1 ? route : `${route} ×${count}`)).join(', ');
}

const rows: string[][] = [['class', 'code', 'reached by', 'requests on the server', 'jobs of the error']];

describe('every class and code', () => {
  it.each(ways)('$type.name $code: $how', async ({ type, code, how, requests, jobs, reach }) => {
    // Pauses without chance: the requests are counted.
    const chance = vi.spyOn(Math, 'random').mockReturnValue(1);
    const { error, emulator } = await reach();
    chance.mockRestore();
    expect(error).toBeInstanceOf(GenaiCancelError);
    expect(error).toBeInstanceOf(type);
    const name = type === OperationCancelledError ? 'AbortError' : type.name;
    expect(error).toMatchObject({ name, code, jobs });
    const { message, jobs: held } = error as GenaiCancelError;
    expect(held).toHaveLength(jobs.length);
    expect(requestsOf(emulator)).toBe(requests);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name, code, message, jobs: JSON.parse(JSON.stringify(held)) as object[] }); // prettier-ignore
    const words = held.map(({ name: job, state }) => `${state}${job === undefined ? '' : ', named'}`);
    rows.push([type.name, code, how, requests || 'none', words.join('; ') || 'none']);
  });

  it('is in the table once', () => {
    const codes = ['NOT_SENT', 'REJECTED', 'NOT_CANCELABLE', 'MODEL_RETIRED', 'JOURNAL_FAILED', 'CLIENT_CLOSED', 'RESPONSE_LOST', 'WATCH_LOST', 'TAKEN_OVER', 'FAILED', 'RESULT_UNREADABLE', 'ABORT_ERR', 'UNSUPPORTED_PARAMETER']; // prettier-ignore
    expect(ways.map(({ code }) => code)).toEqual(codes);
  });
});

afterAll(() => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()); // prettier-ignore
  console.log(`\n${lines.join('\n')}\n`);
});
