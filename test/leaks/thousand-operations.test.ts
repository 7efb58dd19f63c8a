import { getEventListeners } from 'node:events';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cancelable, type CancelableImages, type Operation } from '../../src/node.js';
import { createEmulator, type Emulator, type EmulatorServer } from '../../src/testing/http/index.js';
import { leftOutOn } from '../support/runtime.js';
import { lighthouse } from '../support/setup.js';

const OPERATIONS = 1_000;
const AT_ONCE = 50;

/** Every way in which an operation ends, on one signal that none of them aborts. */
type Ending = (images: CancelableImages, signal: AbortSignal) => Promise<unknown>;

/** Its jobs end only when they are cancelled. */
const endless = { ...lighthouse, model: 'endless' };

const endings: Record<string, Ending> = {
  completed: (images, signal) => images.start(lighthouse, { cancelSignal: signal }).result(),
  'cancelled at once': (images, signal) => images.start(endless, { cancelSignal: signal }).cancel(),
  'cancelled in its create': async (images, signal) => {
    const operation = images.start(endless, { cancelSignal: signal });
    await Promise.resolve();
    return operation.cancel();
  },
  'cancelled while it runs': async (images, signal) => {
    const operation = images.start(endless, { cancelSignal: signal });
    await operation.submitted();
    return operation.cancel();
  },
  'timed out': (images, signal) => images.start(endless, { cancelSignal: signal, timeoutMs: 1 }).result(),
  'its own signal aborted': async (images, signal) => {
    const controller = new AbortController();
    const config = { abortSignal: controller.signal };
    const operation = images.start({ ...endless, config }, { cancelSignal: signal });
    await operation.submitted();
    controller.abort();
    return operation.result();
  },
  disposed: async (images, signal) => {
    await using operation = images.start(endless, { cancelSignal: signal });
    await operation.submitted();
  },
  'left in its loop': async (images, signal) => {
    const operation = images.start(lighthouse, { cancelSignal: signal });
    for await (const { type } of operation.events({ signal })) if (type === 'submitted') break;
    return operation.result({ signal });
  },
  refused: (images, signal) => images.start({ ...lighthouse, model: 'refusing' }, { cancelSignal: signal }).result(),
  failed: (images, signal) => images.start({ ...lighthouse, model: 'failing' }, { cancelSignal: signal }).result(),
  'its create rejected': (images, signal) =>
    images.start({ ...lighthouse, model: 'rejecting' }, { cancelSignal: signal }).result(),
  'its create lost': (images, signal) =>
    images.start({ ...lighthouse, model: 'losing' }, { cancelSignal: signal }).result(),
  'dropped, and failed': (images, signal) => {
    const operation = images.start({ ...lighthouse, model: 'failing' }, { cancelSignal: signal });
    return new Promise((resolve) => operation.once('settled', resolve));
  },
};

describe(`after ${OPERATIONS} operations that end in every way on one shared signal`, () => {
  const { signal } = new AbortController();
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): number => rejections.push(reason);
  const timersSet = new Set<unknown>();
  let emulator: Emulator;
  let server: EmulatorServer;
  let operationsLeft: readonly Operation[];

  beforeAll(async () => {
    process.on('unhandledRejection', onRejection);
    // Of the status `pondering`, which is not documented.
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    emulator = createEmulator({
      queueMs: 1,
      workMs: 4,
      faults: [
        { kind: 'end', status: 'pondering', model: 'endless' },
        { kind: 'refuse', model: 'refusing' },
        { kind: 'fail', model: 'failing' },
        { kind: 'status', route: 'create', status: 400, model: 'rejecting' },
        { kind: 'reset', route: 'create', when: 'after', model: 'losing' },
      ],
    });
    server = await emulator.listen();
    const ai = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: server.url } });
    const images = cancelable(ai, {
      clock: {
        now: () => Date.now(),
        setTimeout: (callback, delayMs) => {
          const timer = setTimeout(() => {
            timersSet.delete(timer);
            callback();
          }, delayMs);
          timersSet.add(timer);
          return timer;
        },
        clearTimeout: (timer) => {
          timersSet.delete(timer);
          clearTimeout(timer as NodeJS.Timeout);
        },
      },
    });
    const ways = Object.values(endings);
    const wayOf = (turn: number): Ending => ways[turn % ways.length] ?? ((images) => images.close());
    for (let first = 0; first < OPERATIONS; first += AT_ONCE) {
      const batch = Array.from({ length: AT_ONCE }, (_, index) => wayOf(first + index)(images, signal));
      await Promise.allSettled(batch);
    }
    operationsLeft = images.operations;
    // Nobody knows the names of those whose create was lost: they run to their end.
    await emulator.waitFor((meter) => meter.running().length === 0);
  }, 120_000);

  afterAll(async () => {
    process.off('unhandledRejection', onRejection);
    vi.restoreAllMocks();
    await server.close();
  });

  it('nothing runs on the server that was not let run', () => {
    const { jobs } = emulator.meter;
    const endless = jobs.filter(({ model }) => model === 'endless');
    expect(endless.length).toBeGreaterThan(OPERATIONS / 4);
    expect(new Set(endless.map(({ endReason }) => endReason))).toEqual(new Set(['cancelled']));
    expect(emulator.meter.running()).toEqual([]);
  });

  it('no abort listener is left', () => {
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('no timer is left', () => {
    expect(timersSet.size).toBe(0);
  });

  it('no operation, and no listener of the process', () => {
    expect(operationsLeft).toEqual([]);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) expect(process.listenerCount(name)).toBe(0);
  });

  it('no request is open', () => {
    expect(emulator.meter.openStreams).toBe(0);
    expect(server.activeRequests).toBe(0);
  });

  const keeping = {
    timeout: 40_000,
    ...leftOutOn({ Deno: 'Its fetch keeps idle connections for longer than a test can wait.' }),
  };
  it('no socket is open once the idle ones have gone', keeping, async () => {
    // undici keeps idle connections for some 4 s, on its own: wait for that event, whenever it comes.
    await expect.poll(() => server.connections, { timeout: 30_000, interval: 100 }).toBe(0);
  });

  it('no rejection was unhandled', () => {
    expect(rejections).toEqual([]);
  });
});
