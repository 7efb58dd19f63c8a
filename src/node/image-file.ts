import * as files from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Image } from '../api/images.js';
import { expected, expectFields, expectText } from '../util/expected.js';
import { createToken } from '../util/token.js';
import { codeOf } from './journal/folder.js';

/** Documented in the core, where it only rejects. It is written when the call returns: a process that dies after it has the file. */
export function saveImage(image: Image, path: string): Promise<string> {
  return new Promise((resolve) => {
    expectText('path', path);
    const { imageBytes, gcsUri } = expectFields('image', image, {}, { imageBytes: expectText, gcsUri: expectText });
    if (imageBytes === undefined && gcsUri !== undefined)
      throw new Error(`The server sent no image, but its address: ${gcsUri}.`);
    if (imageBytes === undefined) throw new TypeError(expected('image', 'an image with `imageBytes`', image));
    if (!tryReplace(path, decode(imageBytes))) throw new Error(`The image cannot be written: ${path} is a folder.`);
    resolve(path);
  });
}

/** `Buffer` takes any text, and leaves out what it does not understand: half an image would pass for a whole one. */
export function decode(imageBytes: string | undefined): Buffer {
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
export function tryReplace(path: string, bytes: Buffer): boolean {
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
export function withTemporary(path: string, bytes: Buffer, use: (temporary: string) => boolean): boolean {
  // Cut, since the names of files have a limit.
  const temporary = join(dirname(path), `.${basename(path).slice(0, 32)}.${createToken().slice(0, 12)}.tmp`);
  try {
    files.writeFileSync(temporary, bytes, { flag: 'wx' });
    return use(temporary);
  } finally {
    files.rmSync(temporary, { force: true });
  }
}
