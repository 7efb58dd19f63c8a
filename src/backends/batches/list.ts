import { isObject } from '../call-failure.js';
import { isJobName } from '../../operation/job-name.js';
import type { GenAIClient } from '../sdk.js';

/** How many pages of the list are looked through: batches are listed newest first. */
const MAX_PAGES = 5;

/** The names of the batches with this display name. Vertex can `filter` them itself. */
export async function namesIn(client: GenAIClient, displayName: string, filter?: string): Promise<readonly string[]> {
  const found: string[] = [];
  const pager = await client.batches.list({ config: { pageSize: 100, ...(filter === undefined ? {} : { filter }) } });
  for (let page = 1; ; page++) {
    for (const batch of pager.page) {
      if (!isObject(batch) || batch['displayName'] !== displayName) continue;
      if (isJobName('batches', batch['name'])) found.push(batch['name']);
    }
    if (page >= MAX_PAGES || !pager.hasNextPage()) return found;
    await pager.nextPage();
  }
}
