import { createDeferred, type Deferred } from '../../util/deferred.js';
import { filesOf, idOf, newFile, type EntryFile } from './entries.js';
import type { Folder } from './folder.js';

/** Files that are synced at a time: enough for the four threads of Node, and few descriptors. */
const AT_ONCE = 8;

/** A new text on its way into the place of an entry. */
interface NewText {
  readonly id: string;
  readonly file: string;
  readonly entry: string;
  /** Tells whether another file of the same id takes the entry away from us. */
  readonly isRival: (file: EntryFile) => boolean;
  readonly done: Deferred<boolean>;
}

/** Makes texts survive a power cut, in groups: those that come while a group is on its way are the next one, and share a sync. */
export class GroupCommit {
  readonly #folder: Folder;
  #next = new Map<string, NewText>();
  #current = new Map<string, NewText>();
  #isRunning = false;
  #version = 0;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Resolves when the last text of an entry has its place, or has not got it. `undefined` if none is on its way. */
  ended(entry: string): Promise<unknown> | undefined {
    return (this.#next.get(entry) ?? this.#current.get(entry))?.done.promise.catch(() => undefined);
  }

  /** Puts a text, which other processes see when this returns. Resolves when it is durable; `false` if a rival has the entry. */
  put(id: string, entry: string, bytes: Uint8Array, isRival: NewText['isRival']): Promise<boolean> {
    const file = newFile(entry, ++this.#version, bytes);
    this.#folder.create(file, bytes);
    const older = this.#next.get(entry);
    const done = older?.done ?? createDeferred();
    this.#next.set(entry, { id, file, entry, isRival, done });
    if (older !== undefined) this.#folder.remove(older.file);
    if (!this.#isRunning) void this.#run();
    return done.promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // What comes in this turn is one group.
    await Promise.resolve();
    while (this.#next.size > 0) {
      this.#current = this.#next;
      this.#next = new Map();
      await this.#commit([...this.#current.values()]);
    }
    this.#current = new Map();
    this.#isRunning = false;
  }

  async #commit(group: readonly NewText[]): Promise<void> {
    const waiting = group.values();
    const placed: NewText[] = [];
    const placeSome = async (): Promise<void> => {
      for (const text of waiting) if (await this.#place(text)) placed.push(text);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, placeSome));
    try {
      const kept = this.#withdraw(placed);
      await this.#folder.sync();
      for (const { done } of kept) done.resolve(true);
    } catch (error) {
      for (const { done } of placed) done.reject(error as Error);
    }
  }

  async #place({ file, entry, done }: NewText): Promise<boolean> {
    try {
      const isPlaced = await this.#folder.replace(file, entry);
      if (!isPlaced) done.resolve(false);
      return isPlaced;
    } catch (error) {
      this.#folder.remove(file);
      done.reject(error as Error);
      return false;
    }
  }

  /** Removes those that have a rival by now: our file has come back and must go again. Returns the others. */
  #withdraw(placed: readonly NewText[]): NewText[] {
    const counts = new Map<string | undefined, number>();
    for (const name of this.#folder.names()) counts.set(idOf(name), (counts.get(idOf(name)) ?? 0) + 1);
    return placed.filter(({ id, entry, isRival, done }) => {
      if ((counts.get(id) ?? 0) < 2 || !filesOf(this.#folder, id).some(isRival)) return true;
      this.#folder.remove(entry);
      done.resolve(false);
      return false;
    });
  }
}
