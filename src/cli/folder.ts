import { accessSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '../images/types.js';
import { CliFailure } from './failure.js';
import { hasBytes, tryCreate, tryReplace } from './image-file.js';

/** What became of one image that was made. */
export interface Delivery {
  /** Position of the image in the operation, from 0. */
  readonly index: number;
  readonly image: Image;
  /** Where it was written. */
  readonly path?: string;
  /** Where the server has stored it, if it gave an address in place of the image. */
  readonly address?: string;
  /** Why it could not be written. */
  readonly problem?: string;
  /** Nobody wanted it written: the server still has it. */
  readonly left?: true;
  /** Something unexpected about `path`. */
  readonly note?: string;
}

/** Not an object: a server may call the type of an image `constructor`. */
const extensions: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/webp', 'webp'],
  ['image/gif', 'gif'],
  ['image/avif', 'avif'],
  ['image/heic', 'heic'],
]);

/** Where images are written to. */
export interface ImageStore {
  /** Writes one image before it returns: a signal may end the process right after. Never throws. */
  save(index: number, image: Image): Delivery;
}

/**
 * The folder that the images go to. File names are made of numbers only, so that nothing of a prompt or an answer can end
 * up in one, or outside of the folder.
 */
export class ImageFolder implements ImageStore {
  readonly #folder: string;
  readonly #force: boolean;

  /** Makes the folder. Throws a `CliFailure` if nothing can be written there: better before the image is paid for. */
  constructor(folder: string, options: { force: boolean }) {
    this.#folder = folder;
    this.#force = options.force;
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new CliFailure(`Nothing was sent: images cannot be written to ${folder} (${reasonOf(error)}).`, 1);
    }
  }

  /** Throws if a file would have to be replaced to write `count` images, of whatever type they turn out to be. */
  check(count: number): void {
    if (this.#force) return;
    const wanted = new Set(Array.from({ length: count }, (_, index) => `image-${index + 1}`));
    const known = new Set(['jpeg', ...extensions.values()]);
    const taken = readdirSync(this.#folder).find((file) => {
      // Some file systems do not tell IMAGE-1.PNG from image-1.png.
      const [stem = '', extension = '', ...others] = file.toLowerCase().split('.');
      return others.length === 0 && wanted.has(stem) && known.has(extension);
    });
    if (taken === undefined) return;
    throw new CliFailure(
      `Nothing was sent: ${join(this.#folder, taken)} exists. Choose another folder with --out, or replace it with --force.`,
      1,
    );
  }

  /** A folder in this one, made when its first image comes. `name` has to be harmless. */
  within(name: string): ImageStore {
    const path = join(this.#folder, name);
    return {
      save: (index, image) => {
        try {
          mkdirSync(path, { recursive: true });
          return new ImageFolder(path, { force: this.#force }).save(index, image);
        } catch (error) {
          return { index, image, problem: reasonOf(error) };
        }
      },
    };
  }

  save(index: number, image: Image): Delivery {
    if (image.imageBytes === undefined) {
      return image.gcsUri === undefined
        ? { index, image, problem: 'the server sent neither the image nor its address' }
        : { index, image, address: image.gcsUri };
    }
    try {
      return { index, image, ...this.#write(index, image.mimeType, Buffer.from(image.imageBytes, 'base64')) };
    } catch (error) {
      return { index, image, problem: reasonOf(error) };
    }
  }

  /** What is there already with the same bytes is this image: whoever fetches it twice has it once. */
  #write(index: number, mimeType: string | undefined, bytes: Buffer): { path: string; note?: string } {
    const extension = extensions.get(mimeType ?? '') ?? 'img';
    const wanted = join(this.#folder, `image-${index + 1}.${extension}`);
    const put = this.#force ? tryReplace : tryCreate;
    if (hasBytes(wanted, bytes)) return { path: wanted, note: `${wanted} was there already, with the same image.` };
    if (put(wanted, bytes)) return { path: wanted };
    for (let copy = 2; ; copy++) {
      const path = join(this.#folder, `image-${index + 1}-${copy}.${extension}`);
      if (hasBytes(path, bytes)) return { path, note: `${path} was there already, with the same image.` };
      if (tryCreate(path, bytes)) return { path, note: `${wanted} was there already and was left alone.` };
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
