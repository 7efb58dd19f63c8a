import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A job as a process has told it. */
export interface ToldJob {
  readonly name?: string;
  readonly indices?: readonly number[];
  readonly isInDoubt?: boolean;
}

/**
 * Something that the library has told a process, which wrote it down in the same turn. A line that is in the file of a process
 * was told, whatever has become of the process.
 */
export type Line = { readonly at: number; readonly pid: number; readonly id: string } & (
  | { readonly what: 'start'; readonly number: number; readonly images: number; readonly isBatch: boolean }
  | { readonly what: 'image'; readonly index?: number; readonly key: string }
  | { readonly what: 'warning'; readonly code: string; readonly message: string }
  | { readonly what: 'landed' | 'forgot'; readonly jobs: readonly ToldJob[] }
  /** `isWrong`: it was detached, and is cancelled. */
  | { readonly what: 'recovered'; readonly jobs: readonly ToldJob[]; readonly isWrong?: boolean }
  | { readonly what: 'settled'; readonly jobs: readonly ToldJob[]; readonly code?: string }
  | { readonly what: 'claim'; readonly jobs: readonly ToldJob[]; readonly fence: number }
  | { readonly what: 'unhandled'; readonly message: string }
);

export type LineOf<What extends Line['what']> = Extract<Line, { readonly what: What }>;

/** Reads what all processes have written. The last line of one that was killed may be cut off: then it was not told. */
export function readDiaries(folder: string): readonly Line[] {
  return readdirSync(folder).flatMap((file) => {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Line);
  });
}

export function linesOf<What extends Line['what']>(lines: readonly Line[], what: What): readonly LineOf<What>[] {
  return lines.filter((line): line is LineOf<What> => line.what === what);
}
