import { Slots } from '../../util/slots.js';
import { filesOf, newFile, type EntryFile } from './entries.js';
import type { Folder } from './folder.js';

/** Files that are synced at a time: enough for the four threads of Node, and few descriptors. */
const AT_ONCE = 8;

/** Makes texts survive a power cut. Those that are placed while the folder is synced share its next sync. */
export class GroupCommit {
  readonly #folder: Folder;
  readonly #slots = new Slots((taken) => taken < AT_ONCE);
  /** The last text of each entry that is on its way. */
  readonly #puts = new Map<string, Promise<boolean>>();
  #sync: Promise<unknown> = Promise.resolve();
  #nextSync: Promise<ReadonlySet<string>> | undefined;
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
      const crowded = await this.#synced();
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
    const leave = await this.#slots.enter();
    try {
      // `false`: somebody who lists has done that.
      return await this.#folder.replace(file, entry);
    } catch (error) {
      this.#folder.remove(file);
      throw error;
    } finally {
      leave();
    }
  }

  /** Waits for a sync of the folder that begins from here on. Resolves to the ids that have several files. */
  #synced(): Promise<ReadonlySet<string>> {
    this.#nextSync ??= this.#sync.then(async () => {
      this.#nextSync = undefined;
      const syncing = this.#folder.sync();
      this.#sync = syncing.catch(() => undefined);
      await syncing;
      const ids = this.#folder.names().map((name) => name.slice(0, name.indexOf('.')));
      return new Set(ids.sort().filter((id, index) => id === ids[index - 1]));
    });
    return this.#nextSync;
  }
}
