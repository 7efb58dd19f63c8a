import { randomBytes } from 'node:crypto';
import * as nodeFiles from 'node:fs';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JournalEntry } from '../../../src/api/journal.js';
import { FolderJournal, type FolderJournalParts } from '../../../src/node/journal/file-journal.js';
import type { Files } from '../../../src/node/journal/folder.js';
import { thisMachine, type Machine, type ProcessIdentity } from '../../../src/node/journal/machine.js';

export const LEASE_MS = 30_000;
export const ID = '0123456789abcdef0123456789abcdef';

/** An empty folder that is gone when the test has finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'genai-cancel-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A journal in the folder, of this process on this machine unless told otherwise. */
export function open(folder: string, parts: Partial<FolderJournalParts> = {}): FolderJournal {
  return new FolderJournal({ folder, leaseMs: LEASE_MS, machine: thisMachine(), files: nodeFiles, ...parts });
}

/** A process on a host of its own, of which nothing is known elsewhere. */
export function elsewhere(): Machine {
  return machine({ host: hash() });
}

/** A machine on which this process sees itself and those that are given: start times by process id. */
export function machine(self: Partial<ProcessIdentity>, others: Record<number, string | undefined> = {}): Machine {
  const seen = {
    host: 'a'.repeat(12),
    boot: 'b'.repeat(12),
    namespace: 'c'.repeat(12),
    pid: 4711,
    start: '100',
    ...self,
  };
  const processes: Record<number, string | undefined> = { [seen.pid]: seen.start, ...others };
  return {
    hostName: 'build-7',
    isUnique: true,
    self: seen,
    startOf: (pid) => (pid in processes ? processes[pid] : 'gone'),
  };
}

export function hash(): string {
  return randomBytes(6).toString('hex');
}

/** `node:fs` with some functions replaced. */
export function filesWith(replaced: Partial<Files>): Files {
  return { ...nodeFiles, ...replaced };
}

/** The names in a folder, the hidden ones as well. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}

/** Makes the last renewal of an entry long ago. */
export function expireLease(folder: string, id: string): void {
  const longAgo = (Date.now() - 2 * LEASE_MS) / 1_000;
  for (const name of namesIn(folder)) {
    if (name.startsWith(`${id}.`)) utimesSync(join(folder, name), longAgo, longAgo);
  }
}

/** The only entry that is listed. */
export async function onlyEntry(journal: FolderJournal): Promise<JournalEntry> {
  const { entries } = await journal.list();
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw new Error(`${entries.length} entries are listed.`);
  return entry;
}
