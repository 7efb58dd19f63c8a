import { parseArgs, type ParseArgsConfig } from 'node:util';
import { checkParameters } from '../images/parameters.js';
import type { GenerateImagesConfig } from '../images/types.js';
import { usageFailure } from './failure.js';
import { DEFAULT_MODEL } from './help.js';

export interface GenerateCommand {
  readonly name: 'generate';
  /** `undefined`: it comes on stdin. */
  readonly prompt: string | undefined;
  readonly model: string;
  readonly config: GenerateImagesConfig & { readonly numberOfImages: number };
  readonly timeoutMs: number | undefined;
  readonly requireCancellable: boolean;
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly apiVersion: string | undefined;
  /** Runs against the emulator, which works for so long on an image. */
  readonly emulator: { readonly workMs: number } | undefined;
}

export interface CancelCommand {
  readonly name: 'cancel';
  readonly job: string;
  readonly out: string | undefined;
  readonly json: boolean;
  readonly apiVersion: string | undefined;
}

export type Command = GenerateCommand | CancelCommand | { readonly name: 'help' } | { readonly name: 'version' };

const cancelOptions = {
  out: { type: 'string', short: 'o' },
  json: { type: 'boolean', default: false },
  'api-version': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsConfig['options'];

const generateOptions = {
  ...cancelOptions,
  number: { type: 'string', short: 'n', default: '1' },
  force: { type: 'boolean', default: false },
  model: { type: 'string', default: DEFAULT_MODEL },
  'aspect-ratio': { type: 'string' },
  'image-size': { type: 'string' },
  'mime-type': { type: 'string' },
  seed: { type: 'string' },
  timeout: { type: 'string' },
  'require-cancellable': { type: 'boolean', default: false },
  emulator: { type: 'boolean', default: false },
  'emulator-seconds': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** Reads the command line. Throws a `CliFailure` that never repeats what may be a prompt. */
export function readArguments(args: readonly string[]): Command {
  const [command, ...rest] = args;
  if (command === '--version') return { name: 'version' };
  if (command === '--help' || command === '-h' || command === 'help') return { name: 'help' };
  if (command === 'generate') return readGenerate(rest);
  if (command === 'cancel') return readCancel(rest);
  throw usageFailure('The first argument has to be a command: generate or cancel.');
}

function readGenerate(args: string[]): Command {
  const { values, positionals } = parse(() =>
    parseArgs({ args, options: generateOptions, allowPositionals: true, strict: true }),
  );
  if (values.help) return { name: 'help' };
  if (positionals.length > 1) throw usageFailure('There is more than one prompt: put quotes around it.');
  const seconds = values['emulator-seconds'];
  if (seconds !== undefined && !values.emulator) throw usageFailure('--emulator-seconds needs --emulator.');
  const [prompt] = positionals;
  const command: GenerateCommand = {
    name: 'generate',
    prompt: prompt === '-' ? undefined : prompt,
    model: values.model,
    config: {
      numberOfImages: readNumber('--number', values.number, 'integer'),
      aspectRatio: values['aspect-ratio'],
      imageSize: values['image-size'],
      outputMimeType: values['mime-type'],
      seed: values.seed === undefined ? undefined : readNumber('--seed', values.seed, 'integer'),
    },
    timeoutMs: values.timeout === undefined ? undefined : readNumber('--timeout', values.timeout) * 1000,
    requireCancellable: values['require-cancellable'],
    out: readFolder(values.out) ?? '.',
    force: values.force,
    json: values.json,
    apiVersion: values['api-version'],
    emulator: values.emulator ? { workMs: readNumber('--emulator-seconds', seconds ?? '4') * 1000 } : undefined,
  };
  checkValues(command);
  return command;
}

function readCancel(args: string[]): Command {
  const { values, positionals } = parse(() =>
    parseArgs({ args, options: cancelOptions, allowPositionals: true, strict: true }),
  );
  if (values.help) return { name: 'help' };
  const [job] = positionals;
  // The library's own rule, asked early: nothing else shall have been complained about before it.
  if (job === undefined || positionals.length > 1 || !/^interactions\/[^/\s]+$/.test(job)) {
    throw usageFailure('cancel needs the name of one job, such as interactions/abc.');
  }
  return { name: 'cancel', job, out: readFolder(values.out), json: values.json, apiVersion: values['api-version'] };
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw usageFailure(error instanceof Error ? error.message : String(error));
  }
}

function readNumber(flag: string, text: string, kind: 'integer' | 'number' = 'number'): number {
  const [pattern, what] =
    kind === 'integer' ? [/^\d+$/, 'a whole number'] : [/^\d+(\.\d+)?$/, 'a number of seconds, such as 4 or 0.5'];
  if (!pattern.test(text)) throw usageFailure(`${flag} has to be ${what}.`);
  return Number(text);
}

function readFolder(out: string | undefined): string | undefined {
  if (out === '') throw usageFailure('--out has to be the name of a folder.');
  return out;
}

const flags = {
  model: '--model',
  'config.numberOfImages': '--number',
  'config.aspectRatio': '--aspect-ratio',
  'config.imageSize': '--image-size',
  'config.outputMimeType': '--mime-type',
  'config.seed': '--seed',
};

/** The library's own checks, before a folder is made or stdin is read, in the words of the command line. */
function checkValues({ model, config, prompt }: GenerateCommand): void {
  if (prompt?.trim() === '') throw usageFailure('The prompt is empty.');
  try {
    checkParameters({ model, prompt: 'any', config });
  } catch (error) {
    let message = error instanceof Error ? error.message : String(error);
    for (const [name, flag] of Object.entries(flags)) message = message.replaceAll(`\`${name}\``, flag);
    throw usageFailure(message);
  }
}
