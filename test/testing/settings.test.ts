import { describe, expect, test } from 'vitest';
import { createEmulator, createVirtualClock, type Fault } from '../../src/testing/index.js';
import { setUp } from './helpers.js';

const make = (options: object) => () => setUp(options);
const add = (fault: object) => () => setUp().emulator.addFault(fault as Fault);

describe('settings', () => {
  test.each([
    [{ quemMs: 1 }, /^Unknown setting `quemMs`\. Did you mean `queueMs`\? Known: clock, queueMs, workMs, .*, faults$/],
    [{ workMs: -1 }, 'Expected `workMs` to be a finite number >= 0, got `-1` (number)'],
    [{ queueMs: NaN }, 'Expected `queueMs` to be a finite number >= 0, got `NaN` (number)'],
    [{ streamLimitMs: Infinity }, '`streamLimitMs`'],
    [{ workMs: '4000' }, 'Expected `workMs` to be a finite number >= 0, got `"4000"` (string)'],
    [{ inlinedLimitBytes: NaN }, '`inlinedLimitBytes`'],
    [{ batchConcurrency: 0 }, 'Expected `batchConcurrency` to be an integer >= 1, got `0` (number)'],
    [{ batchConcurrency: 1.5 }, '`batchConcurrency`'],
    [{ batchListOrder: 'random' }, 'to be one of "newest", "oldest", "shuffled", got `"random"` (string)'],
    [{ background: 'refuse' }, /`background` to be one of "accepted", "refused" or an object with `status`/],
    [{ background: { state: 404 } }, /got `\{"state":404\}`/],
    [{ background: { status: 403 } }, '(one of 400, 404, 405, 501)'],
    [{ whileRunning: { read: 'forbidden' } }, /an object with `reads` \(one of .*\), `cancels`/],
    [{ whileRunning: { reads: 'no' } }, '`whileRunning`'],
    [{ cancelAfterEnd: 403 }, '`cancelAfterEnd` to be one of 400, 404, 409, 200'],
    [{ models: 'all' }, '`models`'],
    [{ retired: 'imagen-*' }, '`retired` to be a list, each item of it a string'],
    [{ warn: true }, '`warn` to be a function'],
    [{ apiVersions: [1] }, '`apiVersions`'],
    [{ honoursServerTimeout: 0 }, '`honoursServerTimeout` to be true or false'],
    [{ clock: {} }, '`clock` to be a clock'],
    [{ clock: { now: () => 0 } }, '`clock` to be a clock, with now(), setTimeout() and clearTimeout()'],
    [
      { faults: [{ kind: 'statis' }] },
      'Unknown kind of fault `statis`. Did you mean `status`? Known: status, page, reset, ',
    ],
    [{ faults: ['reset'] }, '`faults`'],
  ])('%j is refused', (options, message) => {
    expect(make(options)).toThrow(TypeError);
    expect(make(options)).toThrow(message);
  });

  test('undefined is as good as nothing', () => {
    expect(make({ queueMs: undefined, whileRunning: { reads: undefined }, faults: undefined })).not.toThrow();
  });
});

describe('faults', () => {
  test.each([
    [
      { kind: 'cancel_lag', ms: 1 },
      /^Unknown kind of fault `cancel_lag`\. Did you mean `cancel-lag`\? Known: .*, cancel-lag, /,
    ],
    [{}, 'Unknown kind of fault `undefined`'],
    [{ kind: 'toString' }, 'Unknown kind of fault `toString`'],
    [null, 'Expected `fault` to be an object'],
    [
      { kind: 'delay', mss: 1 },
      /^Unknown field of the fault `delay` `mss`\. Did you mean `ms`\? Known: kind, route, times, .*, ms, when$/,
    ],
    [{ kind: 'delay' }, 'The fault `delay` needs `ms`, a number >= 0'],
    [{ kind: 'delay', ms: undefined }, 'The fault `delay` needs `ms`, a number >= 0'],
    [{ kind: 'json', body: undefined }, 'needs `body`'],
    [{ kind: 'delay', ms: -1 }, 'Expected `ms` to be a number >= 0, got `-1` (number)'],
    [{ kind: 'status', status: '503' }, 'Expected `status` to be an integer >= 200'],
    [{ kind: 'json' }, 'needs `body`'],
    [{ kind: 'page', status: 500 }, '`status` to be one of 502, 503, 504'],
    [{ kind: 'reset', route: 'cancels' }, 'Expected `route` to be one of "create", "get", '],
    [{ kind: 'reset', when: 'later' }, '`when` to be one of "before", "after"'],
    [{ kind: 'reset', times: '1' }, '`times`'],
    [{ kind: 'fail', item: -1 }, '`item` to be an integer >= 0 or one of "*"'],
    [{ kind: 'silent', route: 'get' }, 'The fault `silent` never strikes on the route `get`. It does on: stream'],
    [{ kind: 'reset', item: 0 }, 'Unknown field of the fault `reset` `item`'],
    [{ kind: 'fail', item: 0, route: 'create' }, 'never strikes on the route `create`. It does on: batch-create'],
    [{ kind: 'image-as-uri', route: 'predict' }, 'never strikes on the route `predict`. It does on: create'],
    [{ kind: 'cut', how: 'end' }, 'needs `afterEvents`'],
  ])('%j is refused', (fault, message) => {
    expect(add(fault as object)).toThrow(TypeError);
    expect(add(fault as object)).toThrow(message);
  });

  test('what a fault inherits is heeded', async () => {
    const { emulator, create } = setUp();
    emulator.addFault(Object.create({ kind: 'status', status: 503 }) as Fault);
    await create();
    expect(emulator.meter.requests).toMatchObject([{ status: 503 }]);
  });

  test('nothing of a fault that is refused is in force', () => {
    const { emulator } = setUp();
    expect(() => emulator.addFault({ kind: 'delay' } as never)).toThrow();
    expect(emulator.meter.faults).toEqual([]);
  });
});

describe('other options', () => {
  const { emulator, clock } = setUp();
  test.each([
    ['createEmulator', () => createEmulator(Object.create({ wrokMs: 1 }) as object), 'Unknown setting `wrokMs`'],
    ['createEmulator', () => createEmulator(Object.create({ workMs: -1 }) as object), '`workMs`'],
    ['createEmulator', () => createEmulator(null as never), 'Expected `options` to be an object, got `null`'],
    [
      'createVirtualClock',
      () => createVirtualClock({ nwo: 1 } as object),
      'Unknown option of createVirtualClock() `nwo`',
    ],
    ['createVirtualClock', () => createVirtualClock({ now: NaN }), '`now` to be a finite number'],
    [
      'listen',
      () => emulator.listen({ prot: 8080 } as object),
      'Unknown option of listen() `prot`. Did you mean `port`? Known: port, host',
    ],
    ['listen', () => emulator.listen({ port: -1 }), '`port` to be an integer >= 0'],
    ['waitFor', () => emulator.waitFor(() => true, { singal: 1 } as object), 'Unknown option of waitFor() `singal`'],
    ['advance', () => clock.advance(NaN), 'Expected `ms` to be a number >= 0, got `NaN`'],
    ['advanceUntil', () => clock.advanceUntil(() => true, { maxMS: 1 } as object), 'Unknown option of advanceUntil()'],
  ])('%s refuses what is misspelt', async (_, call, message) => {
    const failure: unknown = await new Promise((resolve) => resolve(call())).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect((failure as Error).message).toContain(message);
  });
});
