import { Slots } from '../../util/slots.js';
import { filesOf, newFile, type EntryFile } from './entries.js';
import type { Folder } from './folder.js';

/** Files that are synced at a time: enough for the four threads of Node, and few descriptors. */
const AT_ONCE = 8;

type Files = ReadonlyMap<string, readonly string[]>;

/** Makes texts survive a power cut. Those that are placed while the folder is synced share its next sync. */
export class GroupCommit {
  readonly #folder: Folder;
  readonly #slots = new Slots((taken) => taken < AT_ONCE);
  /** The last text of each entry that is on its way. */
  readonly #puts = new Map<string, Promise<boolean>>();
  #sync: Promise<unknown> = Promise.resolve();
  #nextSync: Promise<Files> | undefined;
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
    const put = this.#place(file, entry, this.ended(entry)).then(async () => {
      const files = (await this.#synced()).get(id) ?? [];
      if (files.length < 2 || !filesOf(this.#folder, id).some(isRival)) return files.includes(entry);
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

  async #place(file: string, entry: string, before?: Promise<unknown>): Promise<void> {
    if (before !== undefined) await before;
    const leave = await this.#slots.enter();
    try {
      // If it is gone, somebody who lists has done that.
      await this.#folder.replace(file, entry);
    } catch (error) {
      this.#folder.remove(file);
      throw error;
    } finally {
      leave();
    }
  }

  /** Waits for a sync of the folder that begins from here on. Resolves to the files in it, by id. */
  #synced(): Promise<Files> {
    this.#nextSync ??= this.#sync.then(async () => {
      this.#nextSync = undefined;
      const syncing = this.#folder.sync();
      this.#sync = syncing.catch(() => undefined);
      await syncing;
      const files = new Map<string, string[]>();
      for (const name of this.#folder.names()) {
        const id = name.slice(0, name.indexOf('.'));
        const others = files.get(id);
        if (others === undefined) files.set(id, [name]);
        else others.push(name);
      }
      return files;
    });
    return this.#nextSync;
  }
}
