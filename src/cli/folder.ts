import { randomBytes } from 'node:crypto';
import * as files from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Image } from '../api/images.js';
import { codeOf } from '../node/journal/folder.js';
import { CliFailure, messageOf } from './failure.js';

export interface Delivery {
  readonly index: number;
  readonly image: Image;
  readonly path?: string;
  /** The address that the server gave in place of the image. */
  readonly address?: string;
  /** The reason why it could not be written. */
  readonly problem?: string;
  /** The name of the job that made it: with it an image that could not be written can be fetched again. */
  readonly job?: string;
  /** It was not to be written: the server still has it. */
  readonly left?: true;
  /** Something unexpected about `path`. */
  readonly note?: string;
}

export type Deliveries = ReadonlyMap<number, Delivery>;

const extensions = new Map(
  ['png', 'jpeg', 'webp', 'gif', 'avif', 'heic'].map((type) => [`image/${type}`, type === 'jpeg' ? 'jpg' : type]),
);
const known: readonly string[] = [...extensions.values(), 'jpeg'];

export interface ImageStore {
  /** Writes one image before it returns: a signal may end the process right after. Never throws. */
  save(image: Image, index: number): Delivery;
}

const received = new WeakMap<Image, Delivery>();

/** Takes each image once: `onImage` and the `image` event both bring it. */
export function receiving(store: ImageStore) {
  const save = (image: Image, index: number): Delivery => {
    const delivery = received.get(image) ?? store.save(image, index);
    received.set(image, delivery);
    return delivery;
  };
  // `onImage` has to throw if the image could not be written.
  const onImage = (image: Image, index: number): void => {
    const { problem } = save(image, index);
    if (problem !== undefined) throw new Error(problem);
  };
  return { save, onImage };
}

/** Leaves images on the server: no folder was named. */
export const leaving: ImageStore = { save: (image, index) => ({ index, image, left: true }) };

/** Folder of images. File names are made of numbers only: nothing of a prompt or an answer can end up in one. */
export class ImageFolder implements ImageStore {
  readonly #folder: string;
  readonly #force: boolean;

  /** Makes the folder. Throws a `CliFailure` if nothing can be written there: better before the image is paid for. */
  constructor(folder: string, options: { force: boolean }) {
    this.#folder = folder;
    this.#force = options.force;
    try {
      files.mkdirSync(folder, { recursive: true });
      // Permissions do not tell: it may be full, gone, or on a disk that is read-only.
      withTemporary(join(folder, 'image'), Buffer.from('.'), () => true);
    } catch (error) {
      throw new CliFailure(`Nothing was sent: images cannot be written to ${folder} (${messageOf(error)}).`, 1);
    }
  }

  /** Throws if a file would have to be replaced to write `count` images, of whatever type they turn out to be. */
  check(count: number): void {
    if (this.#force) return;
    const taken = files.readdirSync(this.#folder).find((file) => {
      // Some file systems do not tell IMAGE-1.PNG from image-1.png.
      const [, number, extension = ''] = /^image-([1-9]\d*)\.(\w+)$/.exec(file.toLowerCase()) ?? [];
      return Number(number) <= count && known.includes(extension);
    });
    if (taken === undefined) return;
    const hint = 'Choose another folder with --out, or replace it with --force.';
    throw new CliFailure(`Nothing was sent: ${join(this.#folder, taken)} exists. ${hint}`, 1);
  }

  /** Returns a folder in this one, made when its first image comes. `name` has to be harmless. */
  within(name: string): ImageStore {
    return { save: (image, index) => this.save(image, index, name) };
  }

  save(image: Image, index: number, within?: string): Delivery {
    const { imageBytes, gcsUri, mimeType } = image;
    if (imageBytes === undefined && gcsUri !== undefined) return { index, image, address: gcsUri };
    try {
      const bytes = decode(imageBytes);
      const folder = join(this.#folder, within ?? '');
      if (within !== undefined) files.mkdirSync(folder, { recursive: true });
      const extension = extensions.get(mimeType ?? '') ?? 'img';
      return { index, image, ...this.#write(join(folder, `image-${index + 1}`), `.${extension}`, bytes) };
    } catch (error) {
      return { index, image, problem: messageOf(error) };
    }
  }

  /** A file with the same bytes is this image: fetched twice, it is there once. */
  #write(stem: string, extension: string, bytes: Buffer): { path: string; note?: string } {
    const wanted = `${stem}${extension}`;
    for (let copy = 1; ; copy++) {
      const path = copy === 1 ? wanted : `${stem}-${copy}${extension}`;
      if (hasBytes(path, bytes)) return { path, note: `${path} was there already, with the same image.` };
      const put = copy === 1 && this.#force ? tryReplace : tryCreate;
      if (!put(path, bytes)) continue;
      return copy === 1 ? { path } : { path, note: `${wanted} was there already and was left alone.` };
    }
  }
}

/** `Buffer` takes any text, and leaves out what it does not understand: half an image would pass for a whole one. */
function decode(imageBytes: string | undefined): Buffer {
  if (imageBytes === undefined) throw new Error('the server sent neither the image nor its address');
  const text = imageBytes.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== text) throw new Error('the server sent data that is not base64');
  if (bytes.length === 0) throw new Error('the server sent an empty image');
  return bytes;
}

/** Error codes of `link` on file systems without hard links, such as those of memory cards. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL', 'EACCES'];

/** Makes a file, all at once: a process that is killed leaves no half of it. `false` if there is something of that name. */
export function tryCreate(path: string, bytes: Buffer, link = files.linkSync): boolean {
  if (isThere(path)) return false;
  return withTemporary(path, bytes, (temporary) => {
    try {
      link(temporary, path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      if (!NO_LINKS.includes(codeOf(error))) throw error;
    }
    // Only what appears under that name in this very moment would be replaced.
    if (isThere(path)) return false;
    files.renameSync(temporary, path);
    return true;
  });
}

/** Renames a new file over the old: a link is replaced, and there is never half a file. `false` if it is a folder. */
function tryReplace(path: string, bytes: Buffer): boolean {
  if (files.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
  return withTemporary(path, bytes, (temporary) => {
    files.renameSync(temporary, path);
    return true;
  });
}

/** Tells whether it is a file, and not a link to one, that has just these bytes. */
export function hasBytes(path: string, bytes: Buffer): boolean {
  try {
    const stats = files.lstatSync(path);
    return stats.isFile() && stats.size === bytes.length && files.readFileSync(path).equals(bytes);
  } catch {
    return false;
  }
}

const isThere = (path: string): boolean => files.lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Uses a file in the same folder, so that it can be linked and renamed; hidden, since it is no image yet. */
function withTemporary(path: string, bytes: Buffer, use: (temporary: string) => boolean): boolean {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    files.writeFileSync(temporary, bytes, { flag: 'wx' });
    return use(temporary);
  } finally {
    files.rmSync(temporary, { force: true });
  }
}
