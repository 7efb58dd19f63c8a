import { parseArgs } from 'node:util';
import { flag } from '../api/commands.js';
import { BACKENDS, parseJobName } from '../api/job-name.js';
import { readOptions } from '../api/options.js';
import { checkParameters } from '../google/parameters.js';
import { codeOf } from '../node/journal/folder.js';
import { messageOf, usageFailure } from './failure.js';
import { expectRoom } from './folder.js';
import { commands, DEFAULT_MODEL, flags, isName, serverFlags, type Flag, type Name } from './help.js';

/** A command with all that any command takes: a value, its default, or `undefined`. */
export type Command = ReturnType<typeof readCommand>;

export type CommandLine = Command | { readonly name: 'help'; readonly of?: Name } | { readonly name: 'version' };

type Values = ReturnType<typeof parse>['values'];

/** Reads the command line. Throws a `CliFailure` that never repeats what may be a prompt. */
export function readArguments([name = '', ...rest]: readonly string[]): CommandLine {
  if (name === '--version') return { name: 'version' };
  if (name === '--help' || name === '-h' || name === 'help') return readHelp(rest);
  if (!isName(name)) throw unknownCommand('The first argument has to be');
  const { values, positionals } = parse(rest);
  const takes: readonly string[] = [...commands[name].takes, 'help'];
  const stray = Object.keys(values).find((given) => !takes.includes(given));
  if (stray !== undefined) throw usageFailure(`${name} takes no --${stray}.`);
  if (values.help === true) return { name: 'help', of: name };
  expectWord(name, positionals);
  const command = readCommand(name, positionals[0], values);
  expectSense(command, values);
  return command;
}

function readHelp([name, ...others]: readonly string[]): CommandLine {
  if (name === undefined) return { name: 'help' };
  if (isName(name) && others.length === 0) return { name: 'help', of: name };
  throw unknownCommand('help takes');
}

const unknownCommand = (beginning: string) =>
  usageFailure(`${beginning} a command: ${Object.keys(commands).join(', ')}.`);

function parse(args: string[]) {
  try {
    // Positionals are refused by us: `parseArgs` would repeat them.
    return parseArgs({ args, options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    // An unknown argument may be a prompt, and `parseArgs` would repeat it.
    if (codeOf(error) !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw usageFailure(messageOf(error));
    throw usageFailure('There is an unknown option. A prompt that begins with - goes after --.');
  }
}

const WORLDS = ['A', 'B', 'C'] as const;

function readCommand(name: Name, word: string | undefined, values: Values) {
  const { json = false, force = false, quiet = false, yes = false, streamed = false, emulator = false } = values;
  const { model = DEFAULT_MODEL, tag, fault: faults = [], 'no-journal': isOff = emulator } = values;
  const { 'api-version': apiVersion, 'base-url': baseUrl, project, location } = values;
  const sameServer = serverFlags.map((one) => flag(one, values[one])).join('');
  return {
    ...{ name, word, json, force, quiet, yes, streamed, emulator, model, tag, faults },
    // Without a place, the images of a cancelled job stay on the server.
    out: values.out ?? (name === 'cancel' ? undefined : '.'),
    /** As far as the command line says which. `flags` says the same for another one, with a space in front. */
    server: { apiVersion, baseUrl, project, location, flags: sameServer },
    // A folder, by default that of the user. The jobs of an emulator in this process die with it: nothing is found again.
    journal: values.journal ?? (isOff ? (false as const) : undefined),
    config: {
      numberOfImages: readNumber('number', values) ?? 1,
      aspectRatio: values['aspect-ratio'],
      imageSize: values['image-size'],
      outputMimeType: values['mime-type'],
      seed: readNumber('seed', values),
    },
    requireCancelable: values['require-cancelable'] ?? false,
    backend: readChoice('backend', values, ['auto', ...BACKENDS]),
    world: readChoice('world', values, WORLDS) ?? 'A',
    port: readNumber('port', values) ?? 0,
    timeoutMs: readNumber('timeout', values, 1000),
    workMs: readNumber('work-seconds', values, 1000),
    queueMs: readNumber('queue-seconds', values, 1000),
  };
}

function readNumber(name: Flag, values: Values, factor = 1): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(String(text))) return Number(text) * factor;
  throw usageFailure(`--${name} has to be a number, such as 4 or 0.5.`);
}

function readChoice<T extends string>(name: Flag, values: Values, choices: readonly T[]): T | undefined {
  const choice = choices.find((known) => known === values[name]);
  if (choice !== values[name]) throw usageFailure(`--${name} has to be one of ${choices.join(', ')}.`);
  return choice;
}

/** As long as ids may be; shorter ones are too easily those of something else. */
const ID = /^[0-9a-z-]{6,64}$/;

/** The word that each command takes besides options, and how to say that. */
const words: Readonly<Record<string, readonly [isTaken: (word?: string) => boolean, message: string]>> = {
  '': [(word) => word === undefined, 'takes options only'],
  '[PROMPT]': [(word) => word?.trim() !== '', 'takes one prompt, in quotes, that is not empty'],
  '[attach|cancel]': [(word = 'attach') => ['attach', 'cancel'].includes(word), 'takes attach or cancel, and options'],
  ID: [(word = '') => ID.test(word), 'needs the id of one operation, or at least its first 6 characters'],
  'NAME|ID': [
    (word = '') => ID.test(word) || parseJobName(word) !== undefined,
    'needs the name of one job, such as interactions/abc or batches/abc, or the id of an operation',
  ],
};

function expectWord(name: Name, [word, ...others]: readonly string[]): void {
  const [isTaken, message] = words[commands[name].args] ?? [];
  if (others.length > 0 || isTaken?.(word) !== true) throw usageFailure(`${name} ${message}.`);
}

/** Refuses what cannot be meant, before a folder is made or stdin is read. */
function expectSense(command: Command, values: Values): void {
  const { name, word, out, server, emulator, port, workMs, journal } = command;
  const { baseUrl, project, location } = server;
  const empty = (['out', 'journal', 'project', 'location'] as const).find((given) => values[given] === '');
  const isElsewhere = [baseUrl, project, location].some((value) => value !== undefined);
  const isHttp = baseUrl === undefined || (/^https?:/i.test(baseUrl) && URL.canParse(baseUrl));
  const { args } = commands[name];
  const job = args === 'NAME|ID' ? parseJobName(word) : undefined;
  const refusals: readonly (readonly [isRefused: boolean, message: string])[] = [
    [empty !== undefined, `--${empty} must not be empty.`],
    [!isHttp, '--base-url has to be an address that begins with https:// or http://.'],
    [values.journal !== undefined && values['no-journal'] === true, '--journal and --no-journal exclude each other.'],
    [
      emulator && isElsewhere,
      '--emulator is a server of its own: no --base-url, --project or --location goes with it.',
    ],
    [name === 'generate' && !emulator && workMs !== undefined, '--work-seconds needs --emulator.'],
    [!Number.isInteger(port) || port > 65_535, '--port has to be a whole number up to 65535.'],
    [job?.location !== undefined && project === undefined, 'That is a batch of Vertex: give --project and --location.'],
    [args === 'NAME|ID' && !job && journal === false, 'Without a journal there are no ids: give the name of a job.'],
  ];
  for (const [isRefused, message] of refusals) if (isRefused) throw usageFailure(message);
  if (out !== undefined) expectRoom(out, name === 'recover' ? Infinity : command.config.numberOfImages);
  expectValues(command);
}

/** Options that the library calls by other words. */
const renamed: Record<string, string> = { timeoutMs: 'timeout', numberOfImages: 'number', outputMimeType: 'mime-type' };

/** The library's own checks, in the words of the command line. */
function expectValues({ model, config, tag, timeoutMs }: Command): void {
  try {
    checkParameters({ model, prompt: 'any', config });
    readOptions({ tag, timeoutMs });
  } catch (error) {
    const message = messageOf(error).replace(/`(?:config\.)?(\w+)`/g, (word, name: string) => {
      const known = renamed[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return Object.hasOwn(flags, known) ? `--${known}` : word;
    });
    throw usageFailure(message);
  }
}
