import { isFireAndForget } from '../api/job-name.js';
import { parseSnapshot, type JobReference, type OperationSnapshot } from '../api/snapshot.js';
import { parseJson } from '../util/json.js';
import { expectFields, expectTime } from '../util/expected.js';

/** Record of one operation: enough to find its jobs again. Never a key, a header, a prompt or an image. */
export interface JournalRecord extends OperationSnapshot {
  /** When this was written, in ms since the epoch. */
  readonly writtenAt: number;
  /** When it was detached, in ms since the epoch: it was left running on purpose. */
  readonly detachedAt?: number;
}

export function recordText(record: JournalRecord): string {
  return JSON.stringify(record);
}

/** Reads the text of a record from any source. Throws a `TypeError` or `SyntaxError` that says what is wrong with it. */
export function parseRecord(text: string): JournalRecord {
  const parsed = parseJson(text);
  if (parsed === undefined) throw new SyntaxError('It is not JSON: it may have been torn.');
  const times = expectFields('record', parsed, { writtenAt: expectTime }, { detachedAt: expectTime });
  return { ...parseSnapshot(parsed, 'record'), ...times };
}

/** The jobs that may have been started without their name ever having been received. */
export function inDoubtOf(jobs: readonly JobReference[]): readonly JobReference[] {
  return jobs.filter(({ name, state, backend }) => {
    if (name !== undefined) return false;
    return state === 'submitting' || state === 'unknown' || (isFireAndForget(backend) && state === 'running');
  });
}

/** The jobs of one create are recorded with one display name. Returns those after the first, which is the one that is kept. */
export function duplicatesOf({ displayName }: JobReference, jobs: readonly JobReference[]): readonly JobReference[] {
  return displayName === undefined ? [] : jobs.filter((job) => job.displayName === displayName).slice(1);
}

/** Tells whether a job was sent, and may be running or have images. */
export function isOpen({ state }: JobReference): boolean {
  return state !== 'failed' && state !== 'cancelled' && state !== 'not-started' && state !== 'waiting';
}

/** Tells whether anything can be done about a job: it is open, and has a name or can be looked for. */
export function isReachable(job: JobReference): boolean {
  const { name, displayName, state } = job;
  const isSearchable = displayName !== undefined && (state === 'submitting' || state === 'unknown');
  return isOpen(job) && (name !== undefined || isSearchable);
}
