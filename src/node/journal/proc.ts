import { readFileSync, readlinkSync } from 'node:fs';

/** What Linux tells of a process. */
export interface ProcessFacts {
  readonly pid: number;
  /** When it was started, in ticks since boot. */
  readonly start: string;
  /** It has ended, and its parent has not asked for its exit code yet. */
  readonly isDead: boolean;
}

/** Fields of /proc/<pid>/stat, counted from the one that follows the name of the program. */
const STATE = 0;
const START = 19;

/** `undefined` where there is no such process, none that may be seen, or no /proc. */
export function readProcess(pid: number | 'self'): ProcessFacts | undefined {
  const text = readTextIfThere(`/proc/${pid}/stat`);
  // The name stands in parentheses, and may have spaces and parentheses in it itself.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields?.[STATE], fields?.[START]];
  if (text === undefined || state === undefined || start === undefined) return undefined;
  return { pid: Number.parseInt(text, 10), start, isDead: /[ZXx]/.test(state) };
}

/** Whether there is a process with this id, of whichever user. */
export function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The text of a small file of the system, trimmed; `undefined` if it cannot be read or is empty. */
export function readTextIfThere(path: string): string | undefined {
  return attempt(() => readFileSync(path, 'utf8').trim());
}

/** The target of a link of the system; `undefined` if it cannot be read. */
export function readLinkIfThere(path: string): string | undefined {
  return attempt(() => readlinkSync(path));
}

function attempt(read: () => string): string | undefined {
  try {
    return read() || undefined;
  } catch {
    return undefined;
  }
}
