import type { ParseArgsConfig } from 'node:util';
import { usageFailure } from '../failure.js';

/** Where operations are written down: in a folder, by default that of the user; `false` for nowhere. */
export type JournalChoice = string | false | undefined;

export const helpOption = {
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsConfig['options'];

export const journalOption = { journal: { type: 'string' } } as const satisfies ParseArgsConfig['options'];

/** `parseArgs` of Node 20.0 does not know by itself that `--no-` says the opposite. */
export const journalOptions = {
  ...journalOption,
  'no-journal': { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

/** What goes to the server takes these. */
export const commonOptions = {
  ...helpOption,
  out: { type: 'string', short: 'o' },
  json: { type: 'boolean', default: false },
  'api-version': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** What `parseArgs` throws, as a failure of ours. */
export function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw usageFailure(error instanceof Error ? error.message : String(error));
  }
}

export function readNumber(flag: string, text: string, kind: 'integer' | 'number' = 'number'): number {
  const [pattern, what] =
    kind === 'integer' ? [/^\d+$/, 'a whole number'] : [/^\d+(\.\d+)?$/, 'a number of seconds, such as 4 or 0.5'];
  if (!pattern.test(text)) throw usageFailure(`${flag} has to be ${what}.`);
  return Number(text);
}

export function readFolder(flag: string, folder: string | undefined): string | undefined {
  if (folder === '') throw usageFailure(`${flag} has to be the name of a folder.`);
  return folder;
}

export function readJournal(values: {
  readonly journal?: string | undefined;
  readonly 'no-journal'?: boolean;
}): JournalChoice {
  const folder = readFolder('--journal', values.journal);
  if (values['no-journal'] !== true) return folder;
  if (folder !== undefined) throw usageFailure('--journal and --no-journal exclude each other.');
  return false;
}
