import { randomBytes } from 'node:crypto';
import type * as nodeFiles from 'node:fs';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';

/** `node:fs`. Tests pass one that takes notes, fails, or lets others in between two steps. */
export type Files = typeof nodeFiles;

/** Names that a write that was cut off may have left. */
export const TEMPORARY = /^\.[0-9a-z-]{1,64}\.[0-9a-f]{12}\.tmp$/;
/** Opening a file that has become a link fails, and a FIFO is not waited for. Windows has neither flag: `undefined` is no bit. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
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

  constructor(path: string, files: Files) {
    this.path = path;
    this.#files = files;
  }

  /** Makes the folder, with the missing ones above it. They survive a power cut. */
  make(): void {
    const first = this.#files.mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = this.path; ; made = dirname(made)) {
      this.sync(dirname(made));
      if (made === first || made === dirname(made)) return;
    }
  }

  /** Makes changes of names survive a power cut, where the system can do that. */
  sync(folder = this.path): void {
    if (process.platform === 'win32') return;
    let descriptor: number | undefined;
    try {
      descriptor = this.#files.openSync(folder, 'r');
      this.#files.fsyncSync(descriptor);
    } catch (error) {
      if (!NO_FOLDER_SYNC.includes(codeOf(error))) throw error;
    } finally {
      if (descriptor !== undefined) this.#files.closeSync(descriptor);
    }
  }

  names(): string[] {
    let names: string[] = [];
    ifThere(() => (names = this.#files.readdirSync(this.path)));
    return names;
  }

  /** Puts a file in the place of what is there, as a whole or not at all. Its bytes survive a power cut; its name needs `sync()`. */
  put(file: string, bytes: Uint8Array): void {
    const temporary = `.${file.slice(0, file.indexOf('.'))}.${randomBytes(6).toString('hex')}.tmp`;
    const descriptor = this.#files.openSync(this.pathOf(temporary), 'wx', 0o600);
    try {
      try {
        this.#files.writeFileSync(descriptor, bytes);
        this.#files.fsyncSync(descriptor);
      } finally {
        this.#files.closeSync(descriptor);
      }
      if (!this.rename(temporary, file)) throw new Error(`${this.pathOf(temporary)} is gone.`);
    } catch (error) {
      this.remove(temporary);
      throw error;
    }
  }

  rename(from: string, to: string): boolean {
    for (let left = process.platform === 'win32' ? BUSY_TRIES : 1; ; left--) {
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
    if (!ifThere(() => (descriptor = this.#files.openSync(this.pathOf(file), READ)))) return undefined;
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
