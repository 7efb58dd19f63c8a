import type { Batch } from '../batch/batch.js';
import type { Call } from '../call.js';

const DEFAULT_SIZE = 50;
const MAX_SIZE = 100;

/** One page of a list of batches. */
export interface Page {
  readonly batches: readonly Batch[];
  readonly nextPageToken: string | undefined;
}

/** The page of a list that a request asks for, the newest first; a string is the message of a 400. */
export function pageOf(call: Call, suits: (batch: Batch) => boolean = () => true): Page | string {
  const { searchParams } = call.url;
  const size = Number(searchParams.get('pageSize') ?? 0);
  if (!Number.isInteger(size) || size < 0) return 'Invalid value for `pageSize`.';
  const before = indexOf(searchParams.get('pageToken') ?? '');
  if (before === undefined) return 'Invalid `pageToken`.';
  const rest = listed(call).filter((batch) => batch.record.index < before && suits(batch));
  const batches = rest.slice(0, Math.min(size === 0 ? DEFAULT_SIZE : size, MAX_SIZE));
  const last = batches.at(-1);
  return { batches, nextPageToken: last !== undefined && last !== rest.at(-1) ? tokenOf(last) : undefined };
}

/** Those of the collection that its list knows of, the newest first. */
function listed(call: Call): Batch[] {
  const { batches, settings } = call.world;
  const until = settings.clock.now() - (call.strike('list-lag')?.ms ?? 0);
  const prefix = `${call.match.collection ?? ''}/`;
  return batches
    .filter(({ record }) => record.name?.startsWith(prefix) && !record.deleted && record.createdAt <= until)
    .reverse();
}

/** Opaque: the next page begins behind this batch, also when newer ones have come. */
const tokenOf = ({ record }: Batch): string => btoa(`before ${record.index}`);

/** The index that a token stands for; Infinity without a token, undefined for one that is none of ours. */
function indexOf(token: string): number | undefined {
  if (token === '') return Infinity;
  try {
    const index = /^before (\d+)$/.exec(atob(token))?.[1];
    return index === undefined ? undefined : Number(index);
  } catch {
    return undefined;
  }
}
