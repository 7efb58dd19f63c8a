import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Journal, JournalClaim, JournalEntry, JournalListing } from '../../journal/journal.js';
import { entryFile, expectId } from './entry-name.js';
import {
  lookIfThere,
  makeFolder,
  removeIfThere,
  renameIfThere,
  syncFolder,
  touchIfThere,
  writeTemporary,
  type Files,
} from './files.js';
import { listFolder } from './list.js';
import type { Machine } from './machine.js';
import { isOrphan } from './orphan.js';
import type { Owner } from './owner.js';
import { filesOf, renewedAt } from './scan.js';
import { encodeText } from './text.js';

/** What a `FolderJournal` is made of. */
export interface FolderJournalParts {
  /** An absolute path. */
  readonly folder: string;
  /** In ms. */
  readonly leaseMs: number;
  readonly machine: Machine;
  readonly files: Files;
}

/**
 * One file for each entry. Its owner and fence are in its name, and `rename`, which succeeds for one of many, changes them.
 *
 * All of it is synchronous on purpose: when the name of a job has arrived it must be on the disk in the same turn of the
 * event loop, before a signal or a `process.exit()` can come between. That is about a millisecond for a write. It also means
 * that only other processes come between two steps of a method.
 */
export class FolderJournal implements Journal {
  readonly leaseMs: number;
  readonly #folder: string;
  readonly #machine: Machine;
  readonly #files: Files;
  readonly #owner: Owner;

  constructor({ folder, leaseMs, machine, files }: FolderJournalParts) {
    this.leaseMs = leaseMs;
    this.#folder = folder;
    this.#machine = machine;
    this.#files = files;
    const wholeLeaseMs = Math.min(Math.ceil(leaseMs), Number.MAX_SAFE_INTEGER);
    this.#owner = { ...machine.self, leaseMs: wholeLeaseMs, nonce: randomBytes(6).toString('hex') };
  }

  async add(id: string, text: string): Promise<JournalClaim> {
    const claim = { id, fence: 1 };
    const path = this.#pathOf(claim);
    const bytes = encodeText(text);
    makeFolder(this.#files, this.#folder);
    if (filesOf(this.#files, this.#folder, id).length > 0) throw new Error(`There is an entry ${id} already.`);
    this.#put(path, id, bytes);
    // Two that add the same id at once are both refused rather than both told that it is theirs.
    if (filesOf(this.#files, this.#folder, id).some((file) => file.path !== path)) {
      removeIfThere(this.#files, path);
      throw new Error(`There is an entry ${id} already.`);
    }
    syncFolder(this.#files, this.#folder);
    return claim;
  }

  async write(claim: JournalClaim, text: string): Promise<boolean> {
    const path = this.#pathOf(claim);
    const bytes = encodeText(text);
    if (!this.#isThere(path)) return false;
    this.#put(path, claim.id, bytes);
    // Claimed since it was seen to be there: then our file has come back from the dead, and goes again.
    if (filesOf(this.#files, this.#folder, claim.id).some(({ fence }) => fence > claim.fence)) {
      removeIfThere(this.#files, path);
      return false;
    }
    syncFolder(this.#files, this.#folder);
    return true;
  }

  async renew(claim: JournalClaim): Promise<boolean> {
    return touchIfThere(this.#files, this.#pathOf(claim));
  }

  /** A release that a power cut undoes leaves an owner that is gone: no need to sync. */
  async release(claim: JournalClaim): Promise<boolean> {
    return renameIfThere(this.#files, this.#pathOf(claim), this.#freePathOf(claim));
  }

  /** A removal that a power cut undoes leaves a record of a job that is over, which does no harm: no need to sync. */
  async remove(claim: JournalClaim): Promise<boolean> {
    const path = this.#pathOf(claim);
    if (!this.#isThere(path)) return false;
    // What a former owner left when it was killed in the middle of a write must not take the place of this one.
    for (const file of filesOf(this.#files, this.#folder, claim.id)) {
      if (file.fence < claim.fence) removeIfThere(this.#files, file.path);
    }
    return removeIfThere(this.#files, path);
  }

  async list(): Promise<JournalListing> {
    return listFolder(this.#files, this.#folder, this.#machine);
  }

  async claim(entry: JournalEntry): Promise<JournalClaim | undefined> {
    expectId(entry.id);
    const [file] = filesOf(this.#files, this.#folder, entry.id);
    if (file?.fence !== entry.fence || !isOrphan(file.owner, renewedAt(file.stats), this.#machine)) return undefined;
    // Written or renewed since it was listed: it may have another text than the one that the caller has seen.
    if (renewedAt(file.stats) !== entry.renewedAt) return undefined;
    const claim = { id: entry.id, fence: entry.fence + 1 };
    const path = this.#pathOf(claim);
    // Renewed first, so that it is never seen under our name with a lease that has run out.
    if (!touchIfThere(this.#files, file.path) || !renameIfThere(this.#files, file.path, path)) return undefined;
    if (lookIfThere(this.#files, path)?.ino !== file.stats.ino) {
      // A late owner has written in between: what we took has a text that the caller has not seen. Let it be listed again.
      await this.release(claim);
      return undefined;
    }
    syncFolder(this.#files, this.#folder);
    return claim;
  }

  /** Puts bytes in the place of what is there, if anything, all at once. */
  #put(path: string, id: string, bytes: Uint8Array): void {
    const temporary = writeTemporary(this.#files, this.#folder, id, bytes);
    try {
      if (renameIfThere(this.#files, temporary, path)) return;
    } catch (error) {
      removeIfThere(this.#files, temporary);
      throw error;
    }
    throw new Error(`${temporary} is gone.`);
  }

  #isThere(path: string): boolean {
    return lookIfThere(this.#files, path)?.isFile() ?? false;
  }

  #pathOf({ id, fence }: JournalClaim): string {
    return join(this.#folder, entryFile(id, fence, this.#owner));
  }

  #freePathOf({ id, fence }: JournalClaim): string {
    return join(this.#folder, entryFile(id, fence));
  }
}
