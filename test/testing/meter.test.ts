import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { setUp } from './helpers.js';

describe('waitFor', () => {
  test('resolves at once when it is true already', async () => {
    const { emulator } = setUp();
    const { signal } = new AbortController();
    expect(await emulator.waitFor(() => true, { signal })).toBe(emulator.meter);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('resolves with the change that makes it true, without a timer', async () => {
    const { emulator, create, clock } = setUp({ queueMs: 100 });
    let calls = 0;
    const waiting = emulator.waitFor((meter) => {
      calls += 1;
      return meter.jobs[0]?.status === 'in_progress';
    });
    await create();
    await clock.advance(50);
    const before = calls;
    await clock.advance(49);
    expect(calls).toBe(before);
    await clock.advance(1);
    expect((await waiting).jobs[0]?.startedAt).toBe(clock.now());
    await create();
    expect(calls).toBe(before + 1);
  });

  test('rejects with what the predicate throws', async () => {
    const { emulator } = setUp();
    const error = new Error('mistake');
    const waiting = emulator.waitFor(() => {
      throw error;
    });
    await expect(waiting).rejects.toBe(error);
  });

  test('can be given up', async () => {
    const { emulator, create } = setUp();
    const controller = new AbortController();
    let calls = 0;
    const waiting = emulator.waitFor(() => ((calls += 1), false), { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await create();
    expect(calls).toBe(1);
    await expect(emulator.waitFor(() => true, { signal: controller.signal })).rejects.toBe(reason);
  });
});

test('requests are told apart by route, and say who sent them', async () => {
  const { emulator, ai, create, get } = setUp();
  const { id } = await create();
  await get(id);
  await ai.interactions.get(id, { include_input: true });
  expect(emulator.meter.requestsTo('get')).toMatchObject([
    { method: 'GET', path: `/v1beta/interactions/${id}`, query: {}, apiClient: undefined },
    { query: { include_input: 'true' }, apiClient: expect.stringContaining('google-genai-sdk') as string },
  ]);
  expect(emulator.meter.requestsTo('cancel')).toEqual([]);
});
