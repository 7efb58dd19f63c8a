import { describe, expect, it } from 'vitest';
import { namesIn } from '../../../src/backends/batches/list.js';
import type { GenAIClient } from '../../../src/backends/sdk.js';

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

  it('looks at the newest 500 only', async () => {
    const { client, turned } = listOf([[], [], [], [], [batch('batches/5')], [batch('batches/6')]]);
    expect(await namesIn(client, 'mine')).toEqual(['batches/5']);
    expect(turned()).toBe(4);
  });
});
