import { parseArgs, type ParseArgsConfig } from 'node:util';
import { checkParameters } from '../google/parameters.js';
import { parseJobName } from '../api/job-name.js';
import { checkOperationOptions } from '../api/options.js';
import type { BackendName } from '../api/snapshot.js';
import { messageOf, usageFailure } from './failure.js';
import { DEFAULT_MODEL } from './help.js';

/** Folder of the journal, by default that of the user; `false` for no journal. */
export type JournalChoice = string | false | undefined;

/** A job by the server's name for it, or an operation of the journal by its id or the first characters of that. */
export type Target = { readonly name: string } | { readonly id: string };

/** The server, as far as the command line says which. */
export interface ServerChoice {
  readonly apiVersion?: string | undefined;
  readonly baseUrl?: string | undefined;
  /** With one of these it is Vertex. */
  readonly project?: string | undefined;
  readonly location?: string | undefined;
  /** The same for another command line, with a space in front. */
  readonly flags: string;
}

const flags = {
  help: { type: 'boolean', short: 'h' },
  number: { type: 'string', short: 'n' },
  model: { type: 'string' },
  'aspect-ratio': { type: 'string' },
  'image-size': { type: 'string' },
  'mime-type': { type: 'string' },
  seed: { type: 'string' },
  timeout: { type: 'string' },
  'require-cancelable': { type: 'boolean' },
  backend: { type: 'string' },
  yes: { type: 'boolean', short: 'y' },
  tag: { type: 'string' },
  emulator: { type: 'boolean' },
  'emulator-seconds': { type: 'string' },
  out: { type: 'string', short: 'o' },
  force: { type: 'boolean' },
  json: { type: 'boolean' },
  'api-version': { type: 'string' },
  'base-url': { type: 'string' },
  project: { type: 'string' },
  location: { type: 'string' },
  journal: { type: 'string' },
  // `parseArgs` of Node 20.0 does not know by itself that `--no-` says the opposite.
  'no-journal': { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

type Flag = keyof typeof flags;
type Values = ReturnType<typeof parse>['values'];
type Positionals = readonly string[];

const serverFlags = ['api-version', 'base-url', 'project', 'location'] as const satisfies Flag[];
const commonFlags: readonly Flag[] = ['help', 'json', 'journal', 'out', ...serverFlags];

/** Each command: the flags that it takes, and how the rest is read. */
const commands = {
  generate: { takes: Object.keys(flags), read: readGenerate },
  attach: { takes: [...commonFlags, 'no-journal', 'force'], read: readAttach },
  cancel: { takes: [...commonFlags, 'no-journal'], read: readCancel },
  recover: { takes: commonFlags, read: readRecover },
  list: { takes: ['help', 'json', 'journal'], read: readList },
  forget: { takes: ['help', 'journal'], read: readForget },
} as const;

type Name = keyof typeof commands;

/** One command, read from the command line. */
export type CommandOf<N extends Name> = ReturnType<(typeof commands)[N]['read']>;
export type Command = CommandOf<Name> | { readonly name: 'help' | 'version' };

/** Reads the command line. Throws a `CliFailure` that never repeats what may be a prompt. */
export function readArguments(args: readonly string[]): Command {
  const [name = '', ...rest] = args;
  if (name === '--version') return { name: 'version' };
  if (name === '--help' || name === '-h' || name === 'help') return { name: 'help' };
  if (!Object.hasOwn(commands, name)) {
    throw usageFailure('The first argument has to be a command: generate, list, attach, cancel, recover or forget.');
  }
  const { takes, read }: { takes: readonly string[]; read: (values: Values, positionals: Positionals) => Command } =
    commands[name as Name];
  const { values, positionals } = parse(rest);
  const stray = Object.keys(values).find((flag) => !takes.includes(flag));
  if (stray !== undefined) throw usageFailure(`${name} takes no --${stray}.`);
  return values.help === true ? { name: 'help' } : read(values, positionals);
}

function parse(args: string[]) {
  try {
    // Positionals are refused by us: `parseArgs` would repeat them.
    return parseArgs({ args, options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    // What is unknown may be a prompt, and `parseArgs` would repeat it.
    const isUnknown = (Object(error) as { code?: unknown }).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION';
    throw usageFailure(
      isUnknown ? 'There is an unknown option. A prompt that begins with - goes after --.' : messageOf(error),
    );
  }
}

function readGenerate(values: Values, positionals: Positionals) {
  if (positionals.length > 1) throw usageFailure('There is more than one prompt: put quotes around it.');
  const { emulator = false, 'emulator-seconds': workSeconds } = values;
  if (workSeconds !== undefined && !emulator) throw usageFailure('--emulator-seconds needs --emulator.');
  const { 'base-url': baseUrl, project, location } = values;
  if (emulator && [baseUrl, project, location].some((value) => value !== undefined)) {
    throw usageFailure('--emulator is a server of its own: it takes no --base-url, --project and --location.');
  }
  const [prompt] = positionals;
  const timeout = readNumber('timeout', values.timeout);
  const command = {
    name: 'generate',
    ...readServer(values),
    /** `undefined`: it comes on stdin. */
    prompt: prompt === '-' ? undefined : prompt,
    model: values.model ?? DEFAULT_MODEL,
    config: {
      numberOfImages: readNumber('number', values.number, 'integer') ?? 1,
      aspectRatio: values['aspect-ratio'],
      imageSize: values['image-size'],
      outputMimeType: values['mime-type'],
      seed: readNumber('seed', values.seed, 'integer'),
    },
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
    requireCancelable: values['require-cancelable'] ?? false,
    backend: readBackend(values.backend),
    yes: values.yes ?? false,
    tag: values.tag,
    out: readFolder('out', values.out) ?? '.',
    force: values.force ?? false,
    // The jobs of an emulator in this process die with it: there would be nothing to find again.
    journal: readJournal(values) ?? (emulator ? false : undefined),
    /** Runs against the emulator, which works for so long on an image. */
    emulator: emulator ? { workMs: (readNumber('emulator-seconds', workSeconds) ?? 4) * 1000 } : undefined,
  } as const;
  checkValues(command);
  return command;
}

function readAttach(values: Values, positionals: Positionals) {
  const out = readFolder('out', values.out) ?? '.';
  return { name: 'attach', ...readTarget('attach', values, positionals), out, force: values.force ?? false } as const;
}

function readCancel(values: Values, positionals: Positionals) {
  /** `undefined`: images stay on the server. */
  const out = readFolder('out', values.out);
  return { name: 'cancel', ...readTarget('cancel', values, positionals), out } as const;
}

function readRecover(values: Values, [policy = 'attach', ...others]: Positionals) {
  if (others.length > 0 || (policy !== 'attach' && policy !== 'cancel')) {
    throw usageFailure('recover takes attach or cancel, and options.');
  }
  const [out = '.', journal] = [readFolder('out', values.out), readFolder('journal', values.journal)];
  return { name: 'recover', ...readServer(values), policy, out, journal } as const;
}

function readList({ json = false, journal }: Values, positionals: Positionals) {
  if (positionals.length > 0) throw usageFailure('list takes options only.');
  return { name: 'list', json, journal: readFolder('journal', journal) } as const;
}

function readForget({ journal }: Values, [id = '', ...others]: Positionals) {
  if (!ID.test(id) || others.length > 0) {
    throw usageFailure('forget needs the id of one operation, or at least its first 6 characters.');
  }
  return { name: 'forget', id, journal: readFolder('journal', journal) } as const;
}

/** As long as ids may be; shorter ones are too easily those of something else. */
const ID = /^[0-9a-z-]{6,64}$/;

/** The library's own rule for names, asked early: nothing else shall have been complained about before it. */
function readTarget(command: string, values: Values, [given = '', ...others]: Positionals) {
  const journal = readJournal(values);
  const name = parseJobName(given);
  if (others.length > 0 || (name === undefined && !ID.test(given))) {
    throw usageFailure(
      `${command} needs the name of one job, such as interactions/abc or batches/abc, or the id of an operation.`,
    );
  }
  if (name?.location !== undefined && values.project === undefined) {
    throw usageFailure('That is a batch of Vertex: give its --project and --location.');
  }
  if (name === undefined && journal === false) {
    throw usageFailure('Without a journal there are no ids: give the name of a job.');
  }
  const target: Target = name === undefined ? { id: given } : { name: given };
  return { ...readServer(values), target, journal };
}

function readServer(values: Values) {
  const { json = false, 'api-version': apiVersion, 'base-url': baseUrl, project, location } = values;
  if (baseUrl !== undefined && !/^https?:$/.test(protocolOf(baseUrl))) {
    throw usageFailure('--base-url has to be an address that begins with https:// or http://.');
  }
  if (project === '' || location === '') throw usageFailure('--project and --location must not be empty.');
  const given = serverFlags.flatMap((flag) =>
    values[flag] === undefined ? [] : [` --${flag} ${quote(values[flag])}`],
  );
  const server: ServerChoice = { apiVersion, baseUrl, project, location, flags: given.join('') };
  return { json, server };
}

function protocolOf(address: string): string {
  return URL.canParse(address) ? new URL(address).protocol : '';
}

/** Writes a value as a shell reads it. */
function quote(value: string): string {
  return /^[\w./:@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

const backends: readonly string[] = ['auto', 'interactions', 'batches', 'models'];

function readBackend(text: string | undefined): BackendName | 'auto' | undefined {
  if (text === undefined || backends.includes(text)) return text as BackendName | 'auto' | undefined;
  throw usageFailure(`--backend has to be one of ${backends.join(', ')}.`);
}

function readNumber(flag: Flag, text: string | undefined, kind: 'integer' | 'number' = 'number'): number | undefined {
  if (text === undefined) return undefined;
  const [pattern, what] =
    kind === 'integer' ? [/^\d+$/, 'a whole number'] : [/^\d+(\.\d+)?$/, 'a number of seconds, such as 4 or 0.5'];
  if (!pattern.test(text)) throw usageFailure(`--${flag} has to be ${what}.`);
  return Number(text);
}

function readFolder(flag: Flag, folder: string | undefined): string | undefined {
  if (folder === '') throw usageFailure(`--${flag} has to be the name of a folder.`);
  return folder;
}

function readJournal(values: Values): JournalChoice {
  const folder = readFolder('journal', values.journal);
  if (values['no-journal'] !== true) return folder;
  if (folder !== undefined) throw usageFailure('--journal and --no-journal exclude each other.');
  return false;
}

const flagOfName = {
  model: '--model',
  tag: '--tag',
  timeoutMs: '--timeout',
  'config.numberOfImages': '--number',
  'config.aspectRatio': '--aspect-ratio',
  'config.imageSize': '--image-size',
  'config.outputMimeType': '--mime-type',
  'config.seed': '--seed',
};

/** The library's own checks, before a folder is made or stdin is read, in the words of the command line. */
function checkValues({ model, config, prompt, tag, timeoutMs }: CommandOf<'generate'>): void {
  if (prompt?.trim() === '') throw usageFailure('The prompt is empty.');
  try {
    checkParameters({ model, prompt: 'any', config });
    checkOperationOptions({ tag, timeoutMs });
  } catch (error) {
    let message = messageOf(error);
    for (const [name, flag] of Object.entries(flagOfName)) message = message.replaceAll(`\`${name}\``, flag);
    throw usageFailure(message);
  }
}
