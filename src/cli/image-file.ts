import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../node/journal/folder.js';

/** Error codes of `link` on file systems without hard links, such as those of memory cards. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL', 'EACCES'];

/** Makes a file, all at once: a process that is killed leaves no half of it. `false` if there is something of that name. */
export function tryCreate(path: string, bytes: Buffer, link: typeof linkSync = linkSync): boolean {
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
    renameSync(temporary, path);
    return true;
  });
}

/** Renames a new file over the old: a link is replaced, and there is never half a file. `false` if it is a folder. */
export function tryReplace(path: string, bytes: Buffer): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
  return withTemporary(path, bytes, (temporary) => {
    renameSync(temporary, path);
    return true;
  });
}

/** Writes a file into a folder, and removes it. Throws if that cannot be. */
export function tryWrite(folder: string): void {
  withTemporary(join(folder, 'image'), Buffer.from('.'), () => true);
}

/** Tells whether it is a file, and not a link to one, that has just these bytes. */
export function hasBytes(path: string, bytes: Buffer): boolean {
  try {
    const stats = lstatSync(path);
    return stats.isFile() && stats.size === bytes.length && readFileSync(path).equals(bytes);
  } catch {
    return false;
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Uses a file in the same folder, so that it can be linked and renamed; hidden, since it is no image yet. */
function withTemporary(path: string, bytes: Buffer, use: (temporary: string) => boolean): boolean {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, bytes, { flag: 'wx' });
    return use(temporary);
  } finally {
    rmSync(temporary, { force: true });
  }
}
