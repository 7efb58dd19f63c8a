import { parseArgs, type ParseArgsConfig } from 'node:util';
import { helpOption, journalOption, parse, readFolder } from './options.js';
import { readId } from './target.js';

export interface ForgetCommand {
  readonly name: 'forget';
  /** Of an operation, or its first characters. */
  readonly id: string;
  readonly journal: string | undefined;
}

const options = { ...helpOption, ...journalOption } as const satisfies ParseArgsConfig['options'];

export function readForget(args: string[]): ForgetCommand | 'help' {
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true, strict: true }));
  if (values.help) return 'help';
  const journal = readFolder('--journal', values.journal);
  return { name: 'forget', id: readId('forget', positionals), journal };
}
