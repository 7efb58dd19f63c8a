import { constants } from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { cancelable } from '../../src/node.js';
import { processRegistry } from '../../src/node/signals/registry.js';
import { createDeferred } from '../../src/util/deferred.js';
import type { OperationOptions } from '../../src/index.js';
import { rejection, setup, lighthouse } from '../support/setup.js';

const names = Object.keys(constants.signals);

/** How many listeners each signal has. */
const count = (): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, process.listenerCount(name)] as const).filter(([, n]) => n > 0));

describe('the option `signals`', () => {
  const before = count();
  afterEach(() => expect(count()).toEqual(before));

  test.each([
    ['what no process can catch', ['SIGKILL'], /`signals\[\]`/],
    ['the other one', ['SIGINT', 'SIGSTOP'], /`signals\[\]`/],
    ['a slip of the finger', ['SIGTREM'], /got 'SIGTREM'\. Did you mean `SIGTERM`\?$/],
    ['what this system has not', ['SIGNONE'], /`signals` to hold signals that this system has, got 'SIGNONE'/],
    ['what is no name', ['INT'], /`signals\[\]`/],
    ['a name in small letters', ['sigint'], /`signals\[\]`/],
    ['a number', [2], /`signals\[\]`/],
    ['a name that is in no list', 'SIGINT', /`signals`/],
    ['true', true, /`signals`/],
    ['null', null, /`signals`/],
  ])('is a TypeError for %s, and nothing is sent', async (_, signals, message) => {
    const { ai, clock, emulator } = setup();
    const options = { signals } as unknown as OperationOptions;
    expect(() => cancelable(ai, options)).toThrow(TypeError);
    expect(() => cancelable(ai, options)).toThrow(message);
    const images = cancelable(ai, { clock });
    expect(() => images.start(lighthouse, options)).toThrow(message);
    expect(await rejection(clock, images.generateImages(lighthouse, options))).toBeInstanceOf(TypeError);
    expect(emulator.meter.requests).toEqual([]);
  });

  test('takes any name that this system can catch, and listens to it while something is in flight', async () => {
    const { ai, clock } = setup();
    const signals = names.filter((name) => name !== 'SIGKILL' && name !== 'SIGSTOP') as `SIG${string}`[];
    expect(signals.length).toBeGreaterThan(3);
    const operation = cancelable(ai, { clock }).start(lighthouse, { signals });
    for (const signal of signals) expect(process.listenerCount(signal)).toBe((before[signal] ?? 0) + 1);
    void operation.cancel();
    await rejection(clock, operation.result());
  });

  test('takes names that other systems have, and leaves them out here', async () => {
    const { ai, clock } = setup();
    const operation = cancelable(ai, { clock }).start(lighthouse, { signals: ['SIGHUP', 'SIGBREAK'] });
    const known = ['SIGHUP', 'SIGBREAK'].filter((name) => names.includes(name));
    expect(Object.keys(count()).filter((name) => !(name in before))).toEqual(known);
    void operation.cancel();
    await rejection(clock, operation.result());
  });

  test.each([[false], [[]]])('%j listens to none', async (signals) => {
    const { ai, clock } = setup();
    const operation = cancelable(ai, { clock }).start(lighthouse, { signals: signals as false | [] });
    expect(count()).toEqual(before);
    void operation.cancel();
    await rejection(clock, operation.result());
  });
});

/** An operation of which only the shutdowns matter. They end when the test says so. */
function participant(signals: readonly `SIG${string}`[]) {
  const ends = new Map(signals.map((signal) => [signal, createDeferred<undefined>()]));
  return {
    signals,
    exitMs: 0,
    hasAudience: true,
    hasReceiver: false,
    shutDown: async (signal: `SIG${string}`) => ends.get(signal)?.promise,
    end: async (signal: `SIG${string}`) => {
      ends.get(signal)?.resolve(undefined);
      await new Promise(setImmediate);
    },
    handingOver: () => undefined,
    progress: () => ({ cancelling: 0, unnamed: 0, uncancelable: 0, neverSent: 0 }),
    counts: () => ({ made: 0, cancelled: 0, failed: 0, running: 0, notSent: 0 }),
    leftovers: () => [],
    unclaimed: () => [],
    pendingCancels: () => [],
  };
}

test('the end of a press that the application owns does not end a later one, of which the process dies', async () => {
  const registry = processRegistry();
  const raised = vi.spyOn(process, 'kill').mockReturnValue(true);
  const ignore = (): void => undefined;
  process.on('SIGUSR2', ignore);
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const operation = participant(['SIGUSR2', 'SIGHUP']);
  const registration = registry.add(operation);
  try {
    process.emit('SIGUSR2');
    process.emit('SIGHUP');
    expect(registry.admission()).toBeInstanceOf(Promise);
    await operation.end('SIGUSR2');
    expect(registry.admission()).toBeInstanceOf(Promise);
    expect(raised).not.toHaveBeenCalled();
    await operation.end('SIGHUP');
    expect(raised).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGHUP');
  } finally {
    // The application listens by now: the process lives on.
    process.on('SIGHUP', ignore);
    vi.runAllTimers();
    registration.release();
    process.off('SIGHUP', ignore);
    process.off('SIGUSR2', ignore);
    vi.useRealTimers();
    raised.mockRestore();
  }
  expect(registry.admission()).toBeUndefined();
});
