import { randomBytes } from 'node:crypto';
import * as nodeFiles from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import envPaths from 'env-paths';
import type { Journal, JournalClaim, JournalEntry, JournalListing } from '../../api/journal.js';
import { DEFAULT_LEASE_MS } from '../../journal/store.js';
import { expected, expectKnownNames, expectNumber } from '../../util/expected.js';
import { encodeText, entryFile, expectId, filesOf, listFolder, newTexts, renewedAt } from './entries.js';
import { Folder, type Files, type Sync } from './folder.js';
import { GroupCommit } from './group-commit.js';
import { isOrphan, thisMachine, type Machine, type Owner } from './machine.js';

/** Options of `fileJournal()`. */
export interface FileJournalOptions {
  /**
   * The folder with the files, made at the first write. Several processes may share it, and several machines whose clocks
   * agree to much less than the lease. @default the folder `genai-cancel/journal` where the system keeps the state of programs
   */
  folder?: string | undefined;
  /**
   * How long an entry is its owner's without being renewed, in ms, where it cannot be seen whether the owner is alive: on
   * another machine, in another container, on macOS and Windows. @default 30000
   */
  leaseMs?: number | undefined;
}

/**
 * Makes a journal of files, one for each entry, that survives `kill -9` and power cuts. On Linux an entry is an orphan as
 * soon as its process has ended, and never before.
 *
 * Only the user may look into the folder and its files (modes 0700 and 0600). Methods reject with the error of `node:fs`
 * when the disk fails, and with a `TypeError` for an id that does not match `/^[0-9a-z-]{1,64}$/`.
 *
 * @throws {TypeError | RangeError} for bad options.
 */
export function fileJournal(options: FileJournalOptions = {}): Journal {
  expectKnownNames('options', options, ['folder', 'leaseMs']);
  expectNumber('leaseMs', options.leaseMs, 1);
  const { folder = defaultJournalFolder(), leaseMs = DEFAULT_LEASE_MS } = options;
  if (typeof folder !== 'string' || folder === '') {
    throw new TypeError(expected('folder', 'a path that is not empty', folder));
  }
  // Absolute from here on, so that a `process.chdir()` does not lead to another journal.
  const parts = { machine: thisMachine(), files: nodeFiles, sync: promisify(nodeFiles.fsync) };
  return new FolderJournal({ folder: resolve(folder), leaseMs, ...parts });
}

/**
 * Finds the folder of `fileJournal()` where none is given:
 *
 * - Linux and other Unixes: `$XDG_STATE_HOME/genai-cancel/journal`, by default in `~/.local/state`
 * - macOS: `~/Library/Application Support/genai-cancel/journal`
 * - Windows: `%LOCALAPPDATA%\genai-cancel\Data\journal`
 */
export function defaultJournalFolder(): string {
  const { data, log } = envPaths('genai-cancel', { suffix: '' });
  // env-paths calls the XDG folder for state `log`, on Unixes only.
  return join(['darwin', 'win32'].includes(process.platform) ? data : log, 'journal');
}

export interface FolderJournalParts {
  readonly folder: string;
  readonly leaseMs: number;
  readonly machine: Machine;
  readonly files: Files;
  readonly sync?: Sync | undefined;
}

/**
 * One file for each entry. Its owner and fence are in its name, and `rename`, which succeeds for one of many, changes them.
 *
 * All of it but the syncs is synchronous on purpose: other processes must find the name of a job from the turn on in which it
 * arrives, before a signal or a `process.exit()`. A new text is a file of its own until it survives a power cut. Then its
 * owner gives it the name of the entry. A process that lists before that does so itself.
 */
export class FolderJournal implements Journal {
  readonly leaseMs: number;
  readonly #folder: Folder;
  readonly #machine: Machine;
  readonly #owner: Owner;
  readonly #commits: GroupCommit;

  constructor({ folder, leaseMs, machine, files, sync }: FolderJournalParts) {
    this.leaseMs = leaseMs;
    this.#folder = new Folder(folder, files, sync);
    this.#commits = new GroupCommit(this.#folder);
    this.#machine = machine;
    const wholeLeaseMs = Math.min(Math.ceil(leaseMs), Number.MAX_SAFE_INTEGER);
    this.#owner = { ...machine.self, leaseMs: wholeLeaseMs, nonce: randomBytes(6).toString('hex') };
  }

  async add(id: string, text: string): Promise<JournalClaim> {
    const claim = { id, fence: 1 };
    const own = this.#fileOf(claim);
    const bytes = encodeText(text);
    // Two that add the same id at once are both refused, rather than both told that it is theirs.
    if (!this.#exists(own) && (await this.#commits.put(id, own, bytes, ({ file }) => file !== own))) return claim;
    throw new Error(`There is an entry ${id} already.`);
  }

  async write(claim: JournalClaim, text: string): Promise<boolean> {
    const own = this.#fileOf(claim);
    const bytes = encodeText(text);
    if (!this.#exists(own)) return false;
    return this.#commits.put(claim.id, own, bytes, ({ fence }) => fence > claim.fence);
  }

  #exists(own: string): boolean {
    return this.#commits.ended(own) !== undefined || this.#folder.look(own)?.isFile() === true;
  }

  renew(claim: JournalClaim): Promise<boolean> {
    return this.#change(claim, (own) => this.#folder.touch(own));
  }

  /** Does not sync: a release that a power cut undoes leaves an owner that is gone. */
  release(claim: JournalClaim): Promise<boolean> {
    return this.#change(claim, (own) => this.#folder.rename(own, entryFile(claim.id, claim.fence)));
  }

  /** Does not sync: a removal that a power cut undoes leaves the record of a job that has ended, which does no harm. */
  remove(claim: JournalClaim): Promise<boolean> {
    return this.#change(claim, (own) => {
      if (this.#folder.look(own)?.isFile() !== true) return false;
      // A former owner that was killed in the middle of a write may have left a file. It must not become the entry.
      const files = claim.fence > 1 ? filesOf(this.#folder, claim.id) : [];
      for (const { file, fence } of files) if (fence < claim.fence) this.#folder.remove(file);
      return this.#folder.remove(own);
    });
  }

  /** Changes the file of an entry: in this turn, unless a text is on its way to it. */
  async #change(claim: JournalClaim, change: (own: string) => boolean): Promise<boolean> {
    const own = this.#fileOf(claim);
    const writing = this.#commits.ended(own);
    if (writing !== undefined) await writing;
    return change(own);
  }

  async list(): Promise<JournalListing> {
    // Their owners may have ended. One that lives finds it done, and who may not change the folder sees the texts before.
    for (const [file, entry] of newTexts(this.#folder)) await this.#place(file, entry).catch(() => false);
    return listFolder(this.#folder, this.#machine);
  }

  async #place(file: string, entry: string): Promise<boolean> {
    return (await this.#folder.syncFile(file)) && this.#folder.rename(file, entry);
  }

  async claim(entry: JournalEntry): Promise<JournalClaim | undefined> {
    expectId(entry.id);
    const [found] = filesOf(this.#folder, entry.id);
    if (found?.fence !== entry.fence || !isOrphan(found.owner, renewedAt(found.stats), this.#machine)) return undefined;
    // Written or renewed since it was listed: the caller may have seen another text.
    if (renewedAt(found.stats) !== entry.renewedAt) return undefined;
    const claim = { id: entry.id, fence: entry.fence + 1 };
    const own = this.#fileOf(claim);
    // Renewed first, so that it is never seen under our name with a lease that has run out.
    if (!this.#folder.touch(found.file) || !this.#folder.rename(found.file, own)) return undefined;
    if (this.#folder.look(own)?.ino !== found.stats.ino) {
      // A late owner has written in between, so the caller has seen another text. Let it be listed again.
      await this.release(claim);
      return undefined;
    }
    await this.#folder.sync();
    return claim;
  }

  #fileOf({ id, fence }: JournalClaim): string {
    return entryFile(id, fence, this.#owner);
  }
}
