import { readFileSync, readlinkSync } from 'node:fs';

/** Reads a small file of the system, trimmed. `undefined` if it cannot be read or is empty. */
export const readTextIfThere = (path: string) => attempt(() => readFileSync(path, 'utf8').trim());

export const readLinkIfThere = (path: string) => attempt(() => readlinkSync(path));

function attempt(read: () => string): string | undefined {
  try {
    return read() || undefined;
  } catch {
    return undefined;
  }
}
