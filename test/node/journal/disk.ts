import * as nodeFiles from 'node:fs';
import { dirname } from 'node:path';
import type { Files } from '../../../src/node/journal/folder.js';

/** A change to the disk that matters to the state after a power cut. */
type Step =
  | { readonly kind: 'name'; readonly change: NameChange }
  | { readonly kind: 'data'; readonly inode: number; readonly bytes: Buffer }
  | { readonly kind: 'sync'; readonly inode: number }
  | { readonly kind: 'sync folder'; readonly folder: string };

/** One name that comes, goes, or both: a rename is never done by halves. */
interface NameChange {
  readonly folder: string;
  readonly gone?: string;
  readonly come?: { readonly path: string; readonly inode: number };
}

/** A state of the disk after a power cut: the bytes of each file by path, `undefined` for a folder. */
export type DiskState = ReadonlyMap<string, Buffer | undefined>;

const FOLDER = 0;

/** `node:fs` that remembers what was and what was not made durable. POSIX promises no more than that. */
export class RecordingDisk {
  readonly files: Files;
  readonly #steps: Step[] = [];
  readonly #inodes = new Map<string, number>();
  readonly #opened = new Map<number, { inode: number } | { folder: string }>();
  #lastInode = FOLDER;

  /** `deaf`: which `fsync` does nothing, to see that the tests notice. */
  constructor(deaf?: 'files' | 'folders') {
    this.files = {
      ...nodeFiles,
      mkdirSync: ((path: string, options: nodeFiles.MakeDirectoryOptions) => {
        const first = nodeFiles.mkdirSync(path, options);
        const made: string[] = [];
        for (let folder = path; first !== undefined && folder.length >= first.length; folder = dirname(folder)) {
          made.unshift(folder);
        }
        for (const folder of made) this.#come(folder, FOLDER);
        return first;
      }) as Files['mkdirSync'],
      openSync: (path, flags, mode) => {
        const descriptor = nodeFiles.openSync(path, flags, mode);
        const name = String(path);
        if (flags === 'wx') this.#come(name, ++this.#lastInode);
        const inode = this.#inodes.get(name) ?? FOLDER;
        this.#opened.set(descriptor, inode === FOLDER ? { folder: name } : { inode });
        return descriptor;
      },
      writeFileSync: (file, data) => {
        nodeFiles.writeFileSync(file, data);
        const opened = this.#opened.get(file as number);
        if (opened === undefined || 'folder' in opened) throw new Error('Written to what is no file.');
        this.#steps.push({ kind: 'data', inode: opened.inode, bytes: Buffer.from(data as Uint8Array) });
      },
      fsyncSync: (descriptor) => {
        nodeFiles.fsyncSync(descriptor);
        const opened = this.#opened.get(descriptor);
        if (opened === undefined || deaf === ('folder' in opened ? 'folders' : 'files')) return;
        this.#steps.push('folder' in opened ? { kind: 'sync folder', ...opened } : { kind: 'sync', ...opened });
      },
      renameSync: (from, to) => {
        nodeFiles.renameSync(from, to);
        this.#come(String(to), this.#inodes.get(String(from)) ?? FOLDER, String(from));
      },
      unlinkSync: (path) => {
        nodeFiles.unlinkSync(path);
        this.#inodes.delete(String(path));
        this.#steps.push({ kind: 'name', change: { folder: dirname(String(path)), gone: String(path) } });
      },
    };
  }

  /** How much was done so far. */
  get length(): number {
    return this.#steps.length;
  }

  /** All that a power cut after so many steps may leave. */
  *statesAfter(length: number): Generator<DiskState> {
    const names = new Map<string, number>();
    const data = new Map<number, { bytes: Buffer; isSynced: boolean }>();
    let pending: NameChange[] = [];
    for (const step of this.#steps.slice(0, length)) {
      if (step.kind === 'name') pending.push(step.change);
      else if (step.kind === 'data') data.set(step.inode, { bytes: step.bytes, isSynced: false });
      else if (step.kind === 'sync')
        data.set(step.inode, { bytes: data.get(step.inode)?.bytes ?? EMPTY, isSynced: true });
      else {
        for (const change of pending.filter(({ folder }) => folder === step.folder)) apply(change, names);
        pending = pending.filter(({ folder }) => folder !== step.folder);
      }
    }
    for (const done of arrangements(pending)) {
      const left = new Map(names);
      for (const change of done) apply(change, left);
      yield* contents([...left], (inode) => possibleBytes(data.get(inode)));
    }
  }

  #come(path: string, inode: number, gone?: string): void {
    if (gone !== undefined) this.#inodes.delete(gone);
    this.#inodes.set(path, inode);
    const change = { folder: dirname(path), come: { path, inode }, ...(gone !== undefined && { gone }) };
    this.#steps.push({ kind: 'name', change });
  }
}

const EMPTY = Buffer.alloc(0);

function apply({ gone, come }: NameChange, names: Map<string, number>): void {
  if (gone !== undefined) names.delete(gone);
  if (come !== undefined) names.set(come.path, come.inode);
}

/** Each subset in each order. */
function* arrangements<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  yield [];
  for (const [index, item] of items.entries()) {
    for (const rest of arrangements(items.filter((_, other) => other !== index))) yield [item, ...rest];
  }
}

/** Lists what a power cut may leave of a file: all up to any byte, or its full length with nothing in it. */
function possibleBytes(data: { bytes: Buffer; isSynced: boolean } | undefined): Buffer[] {
  if (data === undefined) return [EMPTY];
  const { bytes, isSynced } = data;
  if (isSynced) return [bytes];
  const prefixes = Array.from({ length: bytes.length + 1 }, (_, length) => bytes.subarray(0, length));
  return [...prefixes, Buffer.alloc(bytes.length)];
}

/** Each combination of the bytes that each file may have. */
function* contents(
  [first, ...rest]: readonly [string, number][],
  bytesOf: (inode: number) => Buffer[],
): Generator<Map<string, Buffer | undefined>> {
  if (first === undefined) {
    yield new Map();
    return;
  }
  const [path, inode] = first;
  for (const others of contents(rest, bytesOf)) {
    for (const bytes of inode === FOLDER ? [undefined] : bytesOf(inode)) yield new Map([...others, [path, bytes]]);
  }
}
