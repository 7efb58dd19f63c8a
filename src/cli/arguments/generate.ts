import { parseArgs, type ParseArgsConfig } from 'node:util';
import { checkParameters } from '../../images/parameters.js';
import type { GenerateImagesConfig } from '../../images/types.js';
import { checkOperationOptions } from '../../options.js';
import { usageFailure } from '../failure.js';
import { DEFAULT_MODEL } from '../help.js';
import {
  commonOptions,
  journalOptions,
  parse,
  readFolder,
  readJournal,
  readNumber,
  type JournalChoice,
} from './options.js';

export interface GenerateCommand {
  readonly name: 'generate';
  /** `undefined`: it comes on stdin. */
  readonly prompt: string | undefined;
  readonly model: string;
  readonly config: GenerateImagesConfig & { readonly numberOfImages: number };
  readonly timeoutMs: number | undefined;
  readonly requireCancelable: boolean;
  readonly tag: string | undefined;
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly apiVersion: string | undefined;
  readonly journal: JournalChoice;
  /** Runs against the emulator, which works for so long on an image. */
  readonly emulator: { readonly workMs: number } | undefined;
}

const options = {
  ...commonOptions,
  ...journalOptions,
  number: { type: 'string', short: 'n', default: '1' },
  force: { type: 'boolean', default: false },
  model: { type: 'string', default: DEFAULT_MODEL },
  'aspect-ratio': { type: 'string' },
  'image-size': { type: 'string' },
  'mime-type': { type: 'string' },
  seed: { type: 'string' },
  timeout: { type: 'string' },
  'require-cancelable': { type: 'boolean', default: false },
  tag: { type: 'string' },
  emulator: { type: 'boolean', default: false },
  'emulator-seconds': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export function readGenerate(args: string[]): GenerateCommand | 'help' {
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true, strict: true }));
  if (values.help) return 'help';
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
    requireCancelable: values['require-cancelable'],
    tag: values.tag,
    out: readFolder('--out', values.out) ?? '.',
    force: values.force,
    json: values.json,
    apiVersion: values['api-version'],
    // The jobs of an emulator in this process die with it: there would be nothing to find again.
    journal: readJournal(values) ?? (values.emulator ? false : undefined),
    emulator: values.emulator ? { workMs: readNumber('--emulator-seconds', seconds ?? '4') * 1000 } : undefined,
  };
  checkValues(command);
  return command;
}

const flags = {
  model: '--model',
  tag: '--tag',
  'config.numberOfImages': '--number',
  'config.aspectRatio': '--aspect-ratio',
  'config.imageSize': '--image-size',
  'config.outputMimeType': '--mime-type',
  'config.seed': '--seed',
};

/** The library's own checks, before a folder is made or stdin is read, in the words of the command line. */
function checkValues({ model, config, prompt, tag }: GenerateCommand): void {
  if (prompt?.trim() === '') throw usageFailure('The prompt is empty.');
  try {
    checkParameters({ model, prompt: 'any', config });
    checkOperationOptions({ tag });
  } catch (error) {
    let message = error instanceof Error ? error.message : String(error);
    for (const [name, flag] of Object.entries(flags)) message = message.replaceAll(`\`${name}\``, flag);
    throw usageFailure(message);
  }
}
