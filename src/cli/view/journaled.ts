import { isAbsolute } from 'node:path';
import type { UnreadableEntry } from '../../api/journal.js';
import type { JournaledOperation } from '../../journal/read.js';
import { isFireAndForget } from '../../api/job-name.js';
import type { JobReference } from '../../api/snapshot.js';

/** Describes an operation of the journal in one line. */
export function operationLine({ id, record, owner, isOrphan, inDoubt }: JournaledOperation, now: number): string {
  const { model, tag, jobs, startedAt, detachedAt } = record;
  const parts = [
    id,
    `${ageText(now - startedAt)} old`,
    `${isOrphan ? 'left behind' : 'its process lives'}${owner === undefined ? '' : ` (${owner})`}`,
    detachedAt === undefined ? [] : 'left running on purpose',
    model,
    tag === undefined ? [] : `tag "${tag}"`,
    jobs.flatMap(({ name }) => name ?? []).join(', ') || [],
    // A process that lives may still learn the names.
    isOrphan ? doubtTexts(inDoubt) : [],
  ];
  return parts.flat().join('  ');
}

/** Says what may be running and being paid for, although its name was never received. */
export function doubtTexts(inDoubt: readonly JobReference[]): readonly string[] {
  const texts = new Map<string, number>();
  for (const job of inDoubt) texts.set(doubtText(job), (texts.get(doubtText(job)) ?? 0) + 1);
  return [...texts].map(([text, count]) => `in doubt: ${count === 1 ? '' : `${count} × `}${text}`);
}

function doubtText({ backend, displayName }: JobReference): string {
  if (isFireAndForget(backend)) return 'a request that may have been carried out, and cannot be found again';
  if (displayName === undefined) return 'a job that may be running, whose name was never received';
  return `a batch that may be running, to be looked for by its display name ${displayName}`;
}

/** Names something in the journal that is no operation. */
export function unreadableLine({ place, problem }: UnreadableEntry, folder: string): string {
  const where = isAbsolute(place) ? place : `${place} in ${folder}`;
  return `Unreadable: ${where}: ${problem}`;
}

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

function ageText(ms: number): string {
  const [size, unit] = units.find(([least]) => ms >= least) ?? [1000, 's'];
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}
