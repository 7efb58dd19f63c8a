import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/testing/index.js';
import { MODEL } from '../helpers.js';
import { inlined, setUpBatches } from './helpers.js';

const CREATE = { batch: { inputConfig: { requests: { requests: [{ request: { contents: 'x' } }] } } } };

describe.each(['batch-create', 'batch-get', 'batch-list', 'batch-cancel', 'batch-delete'] as const)('%s', (route) => {
  const after = (when: 'before' | 'after') => (when === 'after' && route === 'batch-create' ? 2 : 1);
  const ask = async (options: EmulatorOptions) => {
    const parts = setUpBatches(options);
    const name = await parts.createBatch(2);
    const { send } = parts;
    const call = (init?: RequestInit) => {
      switch (route) {
        case 'batch-create':
          return send('POST', `/models/${MODEL}:batchGenerateContent`, CREATE, init);
        case 'batch-get':
          return send('GET', `/${name}`, undefined, init);
        case 'batch-list':
          return send('GET', '/batches', undefined, init);
        case 'batch-cancel':
          return send('POST', `/${name}:cancel`, undefined, init);
        case 'batch-delete':
          return send('DELETE', `/${name}`, undefined, init);
      }
    };
    return { ...parts, call };
  };
  // The first create is the test's own.
  const scope = { route, skip: route === 'batch-create' ? 1 : 0 };

  test.each(['before', 'after'] as const)('status %s the effect', async (when) => {
    const { call, emulator } = await ask({ faults: [{ kind: 'status', status: 503, when, ...scope }] });
    expect((await call()).status).toBe(503);
    expect(emulator.meter.jobs).toHaveLength(after(when));
    expect(emulator.meter.jobs[0]?.deleted).toBe(when === 'after' && route === 'batch-delete');
    expect(emulator.meter.jobs[0]?.endReason).toBe(
      when === 'after' && route === 'batch-cancel' ? 'cancelled' : undefined,
    );
  });

  test.each(['before', 'after'] as const)('reset %s the effect', async (when) => {
    const { call, emulator } = await ask({ faults: [{ kind: 'reset', when, ...scope }] });
    await expect(call()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(emulator.meter.jobs).toHaveLength(after(when));
  });

  test('delay, hang, garbage, json', async () => {
    const { call, clock, emulator } = await ask({
      faults: [
        { kind: 'delay', ms: 500, times: 1, ...scope },
        { kind: 'hang', times: 1, ...scope, skip: scope.skip + 1 },
        { kind: 'garbage', times: 1, ...scope, skip: scope.skip + 1 },
        { kind: 'json', body: { any: 'thing' }, ...scope, skip: scope.skip + 1 },
      ],
    });
    const late = call();
    await clock.advance(499);
    expect(emulator.meter.requests.at(-1)).toMatchObject({ route, fault: 'delay', answeredAt: undefined });
    await clock.advance(1);
    expect((await late).status).toBe(200);
    const controller = new AbortController();
    const hanging = expect(call({ signal: controller.signal })).rejects.toThrow();
    await clock.advance(100_000);
    controller.abort();
    await hanging;
    expect(emulator.meter.requests.at(-1)).toMatchObject({ route, fault: 'hang', clientLeftAt: clock.now() });
    expect(await (await call()).text()).toContain('<!doctype html>');
    expect(await (await call()).json()).toEqual({ any: 'thing' });
  });
});

test('answer faults of a create through the SDK', async () => {
  const { ai, emulator } = setUpBatches({
    faults: [
      { kind: 'json', body: {}, times: 1, when: 'after' },
      { kind: 'garbage', times: 1, when: 'after' },
    ],
  });
  const create = () => ai.batches.create({ model: MODEL, src: inlined(1) });
  expect(await create()).toEqual({});
  await expect(create()).rejects.toThrow(SyntaxError);
  expect(emulator.meter.jobs).toHaveLength(2);
});

test('a lost create is found by its displayName', async () => {
  const { ai, createBatch } = setUpBatches({ faults: [{ kind: 'reset', when: 'after', route: 'batch-create' }] });
  await expect(createBatch(2, 'unique')).rejects.toThrow('fetch failed');
  expect((await ai.batches.list()).page.map(({ displayName }) => displayName)).toEqual(['unique']);
});
