import type { Batch } from '../batch/batch.js';
import type { Call } from '../call.js';
import { hash } from '../random.js';

const DEFAULT_SIZE = 50;
const MAX_SIZE = 100;

/** One page of a list of batches. */
export interface Page {
  readonly batches: readonly Batch[];
  readonly nextPageToken: string | undefined;
}

/** The page of a list that a request asks for; a string is the message of a 400. */
export function pageOf(call: Call, suits: (batch: Batch) => boolean = () => true): Page | string {
  const { searchParams } = call.url;
  const size = Number(searchParams.get('pageSize') ?? 0);
  if (!Number.isInteger(size) || size < 0) return 'Invalid value for `pageSize`.';
  const all = inOrder(call);
  const start = startOf(searchParams.get('pageToken') ?? '', all);
  if (start === undefined) return 'Invalid `pageToken`.';
  const isListed = isListedFor(call);
  const rest = all.slice(start).filter((batch) => isListed(batch) && suits(batch));
  const batches = rest.slice(0, Math.min(size === 0 ? DEFAULT_SIZE : size, MAX_SIZE));
  const last = batches.at(-1);
  return { batches, nextPageToken: last !== undefined && last !== rest.at(-1) ? tokenOf(last) : undefined };
}

/** All batches in the order of the list. */
function inOrder({ world: { batches, settings } }: Call): Batch[] {
  if (settings.batchListOrder === 'newest') return [...batches].reverse();
  if (settings.batchListOrder === 'oldest') return [...batches];
  const place = ({ spec }: Batch): number => hash(`place of ${spec.name}`);
  return [...batches].sort((a, b) => place(a) - place(b));
}

/** Makes the test for batches that the list of the collection knows of. */
function isListedFor(call: Call): (batch: Batch) => boolean {
  const until = call.world.settings.clock.now() - (call.strike('list-lag')?.ms ?? 0);
  const prefix = `${call.match.collection ?? ''}/`;
  return ({ record }) => record.name?.startsWith(prefix) === true && !record.deleted && record.createdAt <= until;
}

/** Opaque: the next page begins behind this batch, also when newer ones have come. */
const tokenOf = ({ record }: Batch): string => btoa(`behind ${record.index}`);

/** Finds the start of a token's page; undefined for a token that is none of ours. */
function startOf(token: string, all: readonly Batch[]): number | undefined {
  if (token === '') return 0;
  try {
    const index = Number(/^behind (\d+)$/.exec(atob(token))?.[1] ?? NaN);
    const place = all.findIndex(({ record }) => record.index === index);
    return place === -1 ? undefined : place + 1;
  } catch {
    return undefined;
  }
}

/**
 * Whether a job is one that `filter` asks for: comparisons of `display_name` or `state` with `=` or `!=`, joined by
 * `AND`; undefined when it is anything else.
 */
export function parseFilter(filter: string): ((batch: Batch) => boolean) | undefined {
  if (filter.trim() === '') return () => true;
  const terms = filter.split(/\s+AND\s+/).map((term) => TERM.exec(term.trim()));
  if (terms.includes(null)) return undefined;
  return ({ spec, record }) =>
    terms.every((term) => {
      const [, field = '', operator, quoted, bare] = term ?? [];
      const value = field === 'state' ? record.status : spec.displayName;
      return (value === (quoted ?? bare)) === (operator === '=');
    });
}

const TERM = /^(display_name|displayName|state)\s*(=|!=)\s*(?:"([^"]*)"|(\S+))$/;
