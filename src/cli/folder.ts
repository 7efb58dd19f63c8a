import * as files from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Image } from '../api/images.js';
import { decode, hasBytes, tryCreate, tryReplace, withTemporary } from '../node/image-file.js';
import { CliFailure, messageOf, usageFailure } from './failure.js';

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

export interface ImageStore {
  /** Writes one image before it returns: a signal may end the process right after. Never throws. */
  save(image: Image, index: number): Delivery;
}

/** Leaves images on the server: no folder was named. */
export const leaving: ImageStore = { save: (image, index) => ({ index, image, left: true }) };

/** Names of image files, also of types that are never made here: no folder is made with such a name. */
const IMAGE_FILE = /\.(?:png|jpe?g|webp|gif|avif|hei[cf]|tiff?|bmp|svg)\/*$/i;

/** Reads `--out`: a folder, the file of one image, or a template for names. Throws a `CliFailure` for a bad template. */
export function readPlace(out: string) {
  if (!/[{}]/.test(out) && !IMAGE_FILE.test(out)) return { folder: out, name: 'image-{index}.{ext}', holdsOne: false };
  const [folder, name] = [dirname(out), basename(out)];
  const isBad = /[{}]/.test(folder + name.replace(/\{(?:index|ext)\}/g, ''));
  if (isBad || out.endsWith('/')) {
    throw usageFailure(`--out takes a folder, or a file whose name may have {index} and {ext}: 'out/{index}.{ext}'.`);
  }
  return { folder, name, holdsOne: !name.includes('{index}') };
}

/** Throws a `CliFailure` if so many images have no room in a place. */
export function expectRoom(out: string, count: number): void {
  if (!readPlace(out).holdsOne || count <= 1) return;
  throw usageFailure("--out names one file, and there may be more images: take a folder, or 'out/{index}.{ext}'.");
}

/** Folder of images. File names are the user's, or made of numbers: nothing of a prompt or an answer can end up in one. */
export class ImageFolder implements ImageStore {
  readonly #place: ReturnType<typeof readPlace>;
  readonly #force: boolean;
  /** Files of this run. They are not replaced. */
  readonly #written = new Set<string>();

  /** Makes the folder. Throws a `CliFailure` if nothing can be written there: better before the image is paid for. */
  constructor(out = '.', { force }: { force: boolean }) {
    this.#place = readPlace(out);
    this.#force = force;
    const { folder } = this.#place;
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
    // Some file systems do not tell IMAGE-1.PNG from image-1.png.
    const all = [...extensions.values(), 'jpeg'];
    const indices = Array.from({ length: count }, (_, index) => index);
    const names = new Set(indices.flatMap((index) => all.map((type) => this.#nameOf(index, type).toLowerCase())));
    const taken = files.readdirSync(this.#place.folder).find((file) => names.has(file.toLowerCase()));
    if (taken === undefined) return;
    const hint = 'Choose another place with --out, or replace it with --force.';
    throw new CliFailure(`Nothing was sent: ${join(this.#place.folder, taken)} exists. ${hint}`, 1);
  }

  #nameOf(index: number, extension: string): string {
    return this.#place.name.replaceAll('{index}', String(index + 1)).replaceAll('{ext}', extension);
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
      const folder = join(this.#place.folder, within ?? '');
      if (within !== undefined) files.mkdirSync(folder, { recursive: true });
      const extension = extensions.get(mimeType ?? '') ?? 'img';
      const name = this.#nameOf(index, extension);
      const isOther = IMAGE_FILE.test(name) && extname(name).toLowerCase().replace('jpeg', 'jpg') !== `.${extension}`;
      const note = isOther ? { note: `The type of ${name} is ${mimeType ?? 'unknown'}.` } : {};
      return { index, image, ...note, ...this.#write(join(folder, name), bytes) };
    } catch (error) {
      return { index, image, problem: messageOf(error) };
    }
  }

  /** A file with the same bytes is this image: fetched twice, it is there once. */
  #write(wanted: string, bytes: Buffer): { path: string; note?: string } {
    const extension = extname(wanted);
    for (let copy = 1; ; copy++) {
      const path = copy === 1 ? wanted : `${wanted.slice(0, -extension.length || undefined)}-${copy}${extension}`;
      if (hasBytes(path, bytes)) return { path, note: `${path} was there already, with the same image.` };
      const put = copy === 1 && this.#force && !this.#written.has(path) ? tryReplace : tryCreate;
      if (!put(path, bytes)) continue;
      this.#written.add(path);
      return copy === 1 ? { path } : { path, note: `${wanted} was there already and was left alone.` };
    }
  }
}
