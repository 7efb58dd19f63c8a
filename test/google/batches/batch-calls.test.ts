import { describe, expect, it } from 'vitest';
import { namesIn } from '../../../src/google/batches/batches-backend.js';
import type { GenAIClient } from '../../../src/google/sdk.js';

/** A list of these pages, and what was asked of it. */
function listOf(pages: readonly (readonly unknown[])[]): {
  client: GenAIClient;
  asked: unknown[];
  turned: () => number;
} {
  const asked: unknown[] = [];
  let turned = 0;
  const pager = {
    get page() {
      return pages[turned];
    },
    hasNextPage: () => turned < pages.length - 1,
    nextPage: () => Promise.resolve(turned++),
  };
  const list = (request: unknown): Promise<typeof pager> => {
    asked.push(request);
    return Promise.resolve(pager);
  };
  return { client: { batches: { list } } as unknown as GenAIClient, asked, turned: () => turned };
}

const batch = (name: unknown, displayName = 'mine'): object => ({ name, displayName });

describe('namesIn()', () => {
  it('finds every batch of that display name, on all pages, and no other', async () => {
    const { client, asked } = listOf([
      [batch('batches/1'), batch('batches/2', 'other'), null, 'text', batch(7), batch('../x'), { displayName: 'mine' }],
      [],
      [batch('batches/3')],
    ]);
    expect(await namesIn(client, 'mine')).toEqual(['batches/1', 'batches/3']);
    expect(asked).toStrictEqual([{ config: { pageSize: 100 } }]);
  });

  it('has the server filter them where it can', async () => {
    const { client, asked } = listOf([[batch('batches/1')]]);
    expect(await namesIn(client, 'mine', 'a filter')).toEqual(['batches/1']);
    expect(asked).toStrictEqual([{ config: { pageSize: 100, filter: 'a filter' } }]);
  });

  it('reads the whole list, however many pages it has', async () => {
    const pages = Array.from({ length: 1_000 }, (_, page) => (page === 999 ? [batch('batches/last')] : [batch(7)]));
    const { client, turned } = listOf(pages);
    expect(await namesIn(client, 'mine')).toEqual(['batches/last']);
    expect(turned()).toBe(999);
  });

  it('puts the oldest first, and last what has no time', async () => {
    const made = (name: string, createTime?: string): object => ({ ...batch(name), createTime });
    const { client } = listOf([
      [made('batches/a'), made('batches/b', '2026-11-02T00:00:00Z'), made('batches/c', 'soon')],
      [made('batches/d', '2026-11-01T00:00:00Z'), made('batches/e', '2026-11-02T00:00:00Z')],
    ]);
    expect(await namesIn(client, 'mine')).toEqual(['batches/d', 'batches/b', 'batches/e', 'batches/a', 'batches/c']);
  });

  it('knows nothing of a list that it cannot read to its end', async () => {
    const { client } = listOf([[batch('batches/1')], []]);
    const pager = await client.batches.list({ config: { pageSize: 1 } });
    Object.assign(pager, { nextPage: () => Promise.reject(new Error('The second page is gone.')) });
    await expect(namesIn(client, 'mine')).rejects.toThrow('The second page is gone.');
  });

  it('gives up a list that has no end', async () => {
    const pager = { page: [], hasNextPage: () => true, nextPage: () => Promise.resolve() };
    const client = { batches: { list: () => Promise.resolve(pager) } } as unknown as GenAIClient;
    await expect(namesIn(client, 'mine')).rejects.toThrow('The list of batches has no end.');
  });
});
