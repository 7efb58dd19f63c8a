import { describe, expect, test } from 'vitest';
import { errorOf } from '../helpers.js';
import { setUpBatches } from './helpers.js';

test('the newest first, in pages, which the pager of the SDK walks', async () => {
  const { ai, createBatch, emulator } = setUpBatches();
  const names: string[] = [];
  for (let i = 0; i < 5; i += 1) names.push(await createBatch(1, `batch ${i}`));
  const seen: (string | undefined)[] = [];
  for await (const { displayName } of await ai.batches.list({ config: { pageSize: 2 } })) seen.push(displayName);
  expect(seen).toEqual(['batch 4', 'batch 3', 'batch 2', 'batch 1', 'batch 0']);
  expect(emulator.meter.requestsTo('batch-list')).toMatchObject([
    { path: expect.stringMatching(/^\/v1(beta)?\/batches$/) as string, query: { pageSize: '2' } },
    { query: { pageSize: '2', pageToken: expect.any(String) as string } },
    { query: { pageSize: '2', pageToken: expect.any(String) as string } },
  ]);
});

test('a page begins behind the last one, also when newer batches have come', async () => {
  const { ai, createBatch } = setUpBatches();
  for (const name of ['a', 'b', 'c']) await createBatch(1, name);
  const pager = await ai.batches.list({ config: { pageSize: 2 } });
  expect(pager.page.map(({ displayName }) => displayName)).toEqual(['c', 'b']);
  await createBatch(1, 'd');
  expect((await pager.nextPage()).map(({ displayName }) => displayName)).toEqual(['a']);
  expect(pager.hasNextPage()).toBe(false);
});

test('50 a page unless asked, 100 at most', async () => {
  const { createBatch, send } = setUpBatches();
  for (let i = 0; i < 101; i += 1) await createBatch(1);
  const sizes = ['', '?pageSize=0', '?pageSize=500'].map(async (query) => {
    const body = (await (await send('GET', `/batches${query}`)).json()) as { operations: unknown[] };
    return body.operations.length;
  });
  expect(await Promise.all(sizes)).toEqual([50, 50, 100]);
});

test('an empty list is an object', async () => {
  const { ai, send } = setUpBatches();
  expect(await (await send('GET', '/batches')).json()).toEqual({ operations: [] });
  expect((await ai.batches.list()).page).toEqual([]);
});

test.each(['pageSize=-1', 'pageSize=x', 'pageToken=x', `pageToken=${btoa('x')}`])('400: %s', async (query) => {
  const { send } = setUpBatches();
  expect(await errorOf(await send('GET', `/batches?${query}`))).toMatchObject({ http: 400 });
});

describe('faults', () => {
  test('list-lag: a batch is not in the list until so long after its creation', async () => {
    const { ai, clock, createBatch, read } = setUpBatches({ faults: [{ kind: 'list-lag', ms: 5000 }] });
    const name = await createBatch(1, 'a');
    const listed = async () => (await ai.batches.list()).page.length;
    await clock.advance(4999);
    expect(await listed()).toBe(0);
    expect((await read(name)).displayName).toBe('a');
    await clock.advance(1);
    expect(await listed()).toBe(1);
  });

  test('list-lag: so many requests long', async () => {
    const { ai, createBatch, emulator } = setUpBatches({ faults: [{ kind: 'list-lag', ms: Infinity, times: 2 }] });
    await createBatch(1);
    const counts: number[] = [];
    for (let i = 0; i < 3; i += 1) counts.push((await ai.batches.list()).page.length);
    expect(counts).toEqual([0, 0, 1]);
    expect(emulator.meter.requestsTo('batch-list').map(({ fault }) => fault)).toEqual([
      'list-lag',
      'list-lag',
      undefined,
    ]);
  });

  test('a fault of a job does not strike the list', async () => {
    const { ai, createBatch } = setUpBatches({ faults: [{ kind: 'status', status: 500, job: 1 }] });
    await createBatch(1);
    expect((await ai.batches.list()).page).toHaveLength(1);
  });
});
