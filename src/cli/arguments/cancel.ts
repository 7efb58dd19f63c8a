import { parseArgs, type ParseArgsConfig } from 'node:util';
import { commonOptions, journalOptions, parse, readFolder, readJournal, type JournalChoice } from './options.js';
import { readTarget, type Target } from './target.js';

export interface CancelCommand {
  readonly name: 'cancel';
  readonly target: Target;
  readonly out: string | undefined;
  readonly json: boolean;
  readonly apiVersion: string | undefined;
  readonly journal: JournalChoice;
}

const options = { ...commonOptions, ...journalOptions } as const satisfies ParseArgsConfig['options'];

export function readCancel(args: string[]): CancelCommand | 'help' {
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true, strict: true }));
  if (values.help) return 'help';
  const journal = readJournal(values);
  return {
    name: 'cancel',
    target: readTarget('cancel', positionals, journal),
    out: readFolder('--out', values.out),
    json: values.json,
    apiVersion: values['api-version'],
    journal,
  };
}
