import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usageFailure } from '../failure.js';
import { helpOption, journalOption, parse, readFolder } from './options.js';

export interface ListCommand {
  readonly name: 'list';
  readonly json: boolean;
  readonly journal: string | undefined;
}

const options = {
  ...helpOption,
  ...journalOption,
  json: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

export function readList(args: string[]): ListCommand | 'help' {
  // Positionals are refused by us: `parseArgs` would repeat them.
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true, strict: true }));
  if (values.help) return 'help';
  if (positionals.length > 0) throw usageFailure('list takes options only.');
  return { name: 'list', json: values.json, journal: readFolder('--journal', values.journal) };
}
