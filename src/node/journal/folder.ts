import type * as nodeFiles from 'node:fs';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';

/** `node:fs`. Tests pass one that takes notes, fails, or lets others in between two steps. */
export type Files = typeof nodeFiles;

/** Makes the bytes of an open file, or the names in an open folder, survive a power cut. */
export type Sync = (descriptor: number) => Promise<void>;

/** Opening a file that has become a link fails, and a FIFO is not waited for. Windows has neither flag: `undefined` is no bit. */
const OWN = constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Errors of `fsync` where a file system does not sync folders, and of `open` where the folder may not be read. */
const NO_FOLDER_SYNC = ['EACCES', 'EINVAL', 'ENOTSUP'];
/** Errors of `rename` on Windows while another program, often a virus scanner, has the file open. */
const BUSY = ['EACCES', 'EBUSY', 'EPERM'];
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 5;

/** Folder with the user's own files. Methods that change a file return `false` if there is no such file (any more). */
export class Folder {
  readonly path: string;
  readonly #files: Files;
  readonly #sync: Sync;
  readonly #isWindows = process.platform === 'win32';
  /** Folders above it that have a new folder in them. */
  readonly #unsynced = new Set<string>();

  constructor(path: string, files: Files, sync: Sync = async (descriptor) => files.fsyncSync(descriptor)) {
    this.path = path;
    this.#files = files;
    this.#sync = sync;
  }

  /** Makes the folder, with the missing ones above it. */
  #make(): void {
    const first = this.#files.mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = this.path; ; made = dirname(made)) {
      this.#unsynced.add(dirname(made));
      if (made === first || made === dirname(made)) return;
    }
  }

  /** Makes changes of names survive a power cut, where the system can do that. */
  async sync(): Promise<void> {
    if (this.#isWindows) return;
    for (const folder of [...this.#unsynced, this.path]) {
      await this.#syncAt(folder, constants.O_RDONLY).catch((error: unknown) => {
        if (!NO_FOLDER_SYNC.includes(codeOf(error))) throw error;
      });
      this.#unsynced.delete(folder);
    }
  }

  async #syncAt(path: string, flags: number): Promise<boolean> {
    let descriptor = -1;
    if (!ifThere(() => (descriptor = this.#files.openSync(path, flags)))) return false;
    try {
      await this.#sync(descriptor);
    } finally {
      this.#files.closeSync(descriptor);
    }
    return true;
  }

  names(): string[] {
    let names: string[] = [];
    ifThere(() => (names = this.#files.readdirSync(this.path)));
    return names;
  }

  /** Makes a file, with the folder if need be. Other processes see it when this returns; a power cut may take it. */
  create(file: string, bytes: Uint8Array): void {
    this.#make();
    const descriptor = this.#files.openSync(this.pathOf(file), 'wx', 0o600);
    try {
      this.#files.writeFileSync(descriptor, bytes);
    } catch (error) {
      this.remove(file);
      throw error;
    } finally {
      this.#files.closeSync(descriptor);
    }
  }

  /** Makes the bytes of a file survive a power cut. Its name needs `sync()`. */
  syncFile(file: string): Promise<boolean> {
    return this.#syncAt(this.pathOf(file), constants.O_RDWR | OWN);
  }

  rename(from: string, to: string): boolean {
    for (let left = this.#isWindows ? BUSY_TRIES : 1; ; left--) {
      try {
        return ifThere(() => this.#files.renameSync(this.pathOf(from), this.pathOf(to)));
      } catch (error) {
        if (left <= 1 || !BUSY.includes(codeOf(error))) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
      }
    }
  }

  remove(file: string): boolean {
    return ifThere(() => this.#files.unlinkSync(this.pathOf(file)));
  }

  touch(file: string): boolean {
    const seconds = Date.now() / 1_000;
    return ifThere(() => this.#files.utimesSync(this.pathOf(file), seconds, seconds));
  }

  /** Looks at a file itself, not at the target of a link. `undefined` if it does not exist. */
  look(file: string): nodeFiles.Stats | undefined {
    return this.#files.lstatSync(this.pathOf(file), { throwIfNoEntry: false });
  }

  /** Reads a file, with the facts of what was read. `undefined` if it does not exist. */
  read(file: string): { bytes: Buffer; stats: nodeFiles.Stats } | undefined {
    let descriptor = -1;
    if (!ifThere(() => (descriptor = this.#files.openSync(this.pathOf(file), constants.O_RDONLY | OWN))))
      return undefined;
    try {
      return { stats: this.#files.fstatSync(descriptor), bytes: this.#files.readFileSync(descriptor) };
    } finally {
      this.#files.closeSync(descriptor);
    }
  }

  pathOf(file: string): string {
    return join(this.path, file);
  }
}

/** Returns the code of an error of `node:fs`, such as `ENOENT`. */
export const codeOf = (error: unknown): string => String((Object(error) as NodeJS.ErrnoException).code);

function ifThere(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
