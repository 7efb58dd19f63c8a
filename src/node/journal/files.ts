import { randomBytes } from 'node:crypto';
import type * as nodeFiles from 'node:fs';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';

/** What of `node:fs` the journal uses: tests give it one that takes notes, fails, or lets others in between two steps. */
export type Files = Pick<
  typeof nodeFiles,
  | 'closeSync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'utimesSync'
  | 'writeFileSync'
>;

const TEMPORARY = /^\.[0-9a-z-]{1,64}\.[0-9a-f]{12}\.tmp$/;
/** Should a file have become a link or a FIFO since somebody looked, then opening it fails, or at least does not wait. Windows has neither flag: `undefined` is no bit. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** What `fsync` of a folder says on file systems that know no such thing, and `open` of one that may not be read. */
const NO_FOLDER_SYNC = ['EACCES', 'EINVAL', 'ENOTSUP'];
/** What `rename` says on Windows while somebody, often a virus scanner, has the file open. */
const BUSY = ['EACCES', 'EBUSY', 'EPERM'];
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 5;

/**
 * Makes a folder that survives a power cut, with those above it that there are not yet. For the user's own eyes.
 */
export function makeFolder(files: Files, folder: string): void {
  const first = files.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    syncFolder(files, dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

/** Puts a text into a file in the folder that does not count yet, but does not get lost any more. Returns its path. */
export function writeTemporary(files: Files, folder: string, id: string, bytes: Uint8Array): string {
  const path = join(folder, `.${id}.${randomBytes(6).toString('hex')}.tmp`);
  const file = files.openSync(path, 'wx', 0o600);
  try {
    files.writeFileSync(file, bytes);
    files.fsyncSync(file);
  } catch (error) {
    files.closeSync(file);
    removeIfThere(files, path);
    throw error;
  }
  files.closeSync(file);
  return path;
}

/** Whether a file is one that a write that was cut off may have left. */
export function isTemporary(file: string): boolean {
  return TEMPORARY.test(file);
}

/** Makes what happened to the names in the folder survive a power cut, where the system can do that. */
export function syncFolder(files: Files, folder: string): void {
  if (process.platform === 'win32') return;
  let descriptor: number | undefined;
  try {
    descriptor = files.openSync(folder, 'r');
    files.fsyncSync(descriptor);
  } catch (error) {
    if (!NO_FOLDER_SYNC.includes(codeOf(error))) throw error;
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor);
  }
}

/** `false` if there is no such file (any more). */
export function renameIfThere(files: Files, from: string, to: string): boolean {
  for (let left = process.platform === 'win32' ? BUSY_TRIES : 1; ; left--) {
    try {
      return ifThere(() => files.renameSync(from, to));
    } catch (error) {
      if (left <= 1 || !BUSY.includes(codeOf(error))) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_PAUSE_MS);
    }
  }
}

/** `false` if there is no such file (any more). */
export function removeIfThere(files: Files, path: string): boolean {
  return ifThere(() => files.unlinkSync(path));
}

/** Says that a file was renewed just now. `false` if there is no such file (any more). */
export function touchIfThere(files: Files, path: string): boolean {
  const seconds = Date.now() / 1_000;
  return ifThere(() => files.utimesSync(path, seconds, seconds));
}

/** Of the thing itself, not of what a link leads to. `undefined` if there is none (any more). */
export function lookIfThere(files: Files, path: string): nodeFiles.Stats | undefined {
  return files.lstatSync(path, { throwIfNoEntry: false });
}

/** `undefined` if there is no such file (any more). The time is that of what was read. */
export function readIfThere(files: Files, path: string): { bytes: Buffer; stats: nodeFiles.Stats } | undefined {
  let file = -1;
  if (!ifThere(() => (file = files.openSync(path, READ)))) return undefined;
  try {
    return { stats: files.fstatSync(file), bytes: files.readFileSync(file) };
  } finally {
    files.closeSync(file);
  }
}

/** The code of an error of `node:fs`, such as `ENOENT`. */
export function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

function ifThere(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
