import { parseArgs, type ParseArgsConfig } from 'node:util';
import { usageFailure } from '../failure.js';
import { commonOptions, journalOption, parse, readFolder } from './options.js';

export interface RecoverCommand {
  readonly name: 'recover';
  readonly policy: 'attach' | 'cancel';
  readonly out: string;
  readonly json: boolean;
  readonly apiVersion: string | undefined;
  readonly journal: string | undefined;
}

const options = { ...commonOptions, ...journalOption } as const satisfies ParseArgsConfig['options'];

export function readRecover(args: string[]): RecoverCommand | 'help' {
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true, strict: true }));
  if (values.help) return 'help';
  const [policy = 'attach'] = positionals;
  if (positionals.length > 1 || (policy !== 'attach' && policy !== 'cancel')) {
    throw usageFailure('recover takes attach or cancel, and options.');
  }
  return {
    name: 'recover',
    policy,
    out: readFolder('--out', values.out) ?? '.',
    json: values.json,
    apiVersion: values['api-version'],
    journal: readFolder('--journal', values.journal),
  };
}
