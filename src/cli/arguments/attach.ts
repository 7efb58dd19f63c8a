import { parseArgs, type ParseArgsConfig } from 'node:util';
import { commonOptions, journalOptions, parse, readFolder, readJournal, type JournalChoice } from './options.js';
import { readTarget, type Target } from './target.js';

export interface AttachCommand {
  readonly name: 'attach';
  readonly target: Target;
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly apiVersion: string | undefined;
  readonly journal: JournalChoice;
}

const options = {
  ...commonOptions,
  ...journalOptions,
  force: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

export function readAttach(args: string[]): AttachCommand | 'help' {
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true, strict: true }));
  if (values.help) return 'help';
  const journal = readJournal(values);
  return {
    name: 'attach',
    target: readTarget('attach', positionals, journal),
    out: readFolder('--out', values.out) ?? '.',
    force: values.force,
    json: values.json,
    apiVersion: values['api-version'],
    journal,
  };
}
