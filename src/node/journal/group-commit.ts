import { Slots } from '../../util/slots.js';
import { filesOf, newFile, type EntryFile } from './entries.js';
import type { Folder } from './folder.js';

/** Files that are synced at a time: enough for the four threads of Node, and few descriptors. */
const AT_ONCE = 8;

/**
 * Makes texts survive a power cut. A text is a file of its own first. Two syncs run side by side, one of the file and one of
 * the folder, which all new texts share. Then the file gets the name of the entry. A power cut may undo that: `list()` then
 * finds the text under its first name.
 */
export class GroupCommit {
  readonly #folder: Folder;
  readonly #slots = new Slots((taken) => taken < AT_ONCE);
  /** The last text of each entry that is on its way. */
  readonly #puts = new Map<string, Promise<boolean>>();
  #sync: Promise<unknown> = Promise.resolve();
  #nextSync: Promise<void> | undefined;
  #nextLook: Promise<ReadonlySet<string>> | undefined;
  #version = 0;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Resolves when the last text of an entry is in its place, or has failed. `undefined` if none is on its way. */
  ended(entry: string): Promise<unknown> | undefined {
    return this.#puts.get(entry)?.catch(() => undefined);
  }

  /**
   * Puts a text. It survives the end of the process when this returns, and a power cut when it resolves: to `false` if another
   * file of the same id takes the entry away from us.
   */
  put(id: string, entry: string, bytes: Uint8Array, isRival: (file: EntryFile) => boolean): Promise<boolean> {
    const file = newFile(entry, ++this.#version, bytes);
    this.#folder.create(file, bytes);
    const put = this.#place(file, entry, this.ended(entry)).then(async (isPlaced) => {
      const crowded = await this.#crowded();
      const isTaken = crowded.has(id) && filesOf(this.#folder, id).some(isRival);
      if (!isTaken) return isPlaced || this.#folder.look(entry) !== undefined;
      // Our file has come back and must go again.
      this.#folder.remove(entry);
      return false;
    });
    this.#puts.set(entry, put);
    const forget = (): void => {
      if (this.#puts.get(entry) === put) this.#puts.delete(entry);
    };
    put.then(forget, forget);
    return put;
  }

  async #place(file: string, entry: string, before?: Promise<unknown>): Promise<boolean> {
    if (before !== undefined) await before;
    try {
      const syncing = this.#slots.enter().then((leave) => this.#folder.syncFile(file).finally(leave));
      const [isThere] = await Promise.all([syncing, this.#synced()]);
      // `false`: somebody who lists has done that.
      return isThere && this.#folder.rename(file, entry);
    } catch (error) {
      this.#folder.remove(file);
      throw error;
    }
  }

  /** Waits for a sync of the folder that begins from here on. */
  #synced(): Promise<void> {
    this.#nextSync ??= this.#sync.then(async () => {
      this.#nextSync = undefined;
      const syncing = this.#folder.sync();
      this.#sync = syncing.catch(() => undefined);
      await syncing;
    });
    return this.#nextSync;
  }

  /** Reads, later in this turn of the event loop, which ids have several files. All texts that are placed until then share it. */
  #crowded(): Promise<ReadonlySet<string>> {
    this.#nextLook ??= new Promise((resolve) => setImmediate(resolve)).then(() => {
      this.#nextLook = undefined;
      const ids = this.#folder.names().map((name) => name.slice(0, name.indexOf('.')));
      return new Set(ids.sort().filter((id, index) => id === ids[index - 1]));
    });
    return this.#nextLook;
  }
}
