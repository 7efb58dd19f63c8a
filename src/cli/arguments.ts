import { parseArgs } from 'node:util';
import { flag } from '../api/commands.js';
import { checkParameters } from '../google/parameters.js';
import { BACKENDS, parseJobName } from '../api/job-name.js';
import { readOptions } from '../api/options.js';
import { codeOf } from '../node/journal/folder.js';
import { messageOf, usageFailure } from './failure.js';
import { DEFAULT_MODEL, flags } from './help.js';

/** Folder of the journal, by default that of the user; `false` for no journal. */
export type JournalChoice = string | false | undefined;

type Flag = keyof typeof flags;
type Given = ReturnType<typeof readShared>;

/** The server, as far as the command line says which. With a project or a location it is Vertex. */
export type ServerChoice = Given['server'];

const serverFlags = ['api-version', 'base-url', 'project', 'location'] as const satisfies Flag[];
const sharedFlags: readonly Flag[] = ['help', 'json', 'journal', 'out', ...serverFlags];

const commands = {
  generate: { takes: Object.keys(flags), read: readGenerate },
  attach: { takes: [...sharedFlags, 'no-journal', 'force'], read: readAttach },
  cancel: { takes: [...sharedFlags, 'no-journal'], read: readTarget },
  recover: { takes: sharedFlags, read: readRecover },
  list: { takes: ['help', 'json', 'journal'], read: readList },
  forget: { takes: ['help', 'journal'], read: readForget },
} as const;

type Name = keyof typeof commands;

export type CommandOf<N extends Name> = { readonly name: N } & ReturnType<(typeof commands)[N]['read']>;
export type Command = { [N in Name]: CommandOf<N> }[Name] | { readonly name: 'help' } | { readonly name: 'version' };

/** Reads the command line. Throws a `CliFailure` that never repeats what may be a prompt. */
export function readArguments([name = '', ...rest]: readonly string[]): Command {
  if (name === '--version') return { name: 'version' };
  if (name === '--help' || name === '-h' || name === 'help') return { name: 'help' };
  if (!Object.hasOwn(commands, name)) {
    throw usageFailure('The first argument has to be a command: generate, list, attach, cancel, recover or forget.');
  }
  const { takes, read } = commands[name as Name];
  const { values, positionals } = parse(rest);
  const stray = Object.keys(values).find((given) => !(takes as readonly string[]).includes(given));
  if (stray !== undefined) throw usageFailure(`${name} takes no --${stray}.`);
  if (values.help === true) return { name: 'help' };
  return { name, ...read(readShared(values), positionals, name) } as Command;
}

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

function readShared(values: ReturnType<typeof parse>['values']) {
  const empty = (['out', 'journal', 'project', 'location'] as const).find((name) => values[name] === '');
  if (empty !== undefined) throw usageFailure(`--${empty} must not be empty.`);
  const { json = false, force = false, out, journal, 'no-journal': isOff = false } = values;
  if (isOff && journal !== undefined) throw usageFailure('--journal and --no-journal exclude each other.');
  const { 'api-version': apiVersion, 'base-url': baseUrl, project, location } = values;
  if (baseUrl !== undefined && !/^https?:$/.test(URL.canParse(baseUrl) ? new URL(baseUrl).protocol : '')) {
    throw usageFailure('--base-url has to be an address that begins with https:// or http://.');
  }
  const given = serverFlags.map((name) => flag(name, values[name])).join('');
  /** `flags` says the same for another command line, with a space in front. */
  const server = { apiVersion, baseUrl, project, location, flags: given };
  return { values, json, force, out, server, journal: isOff ? (false as const) : journal };
}

const backends = ['auto', ...BACKENDS] as const;

function readGenerate({ values, json, force, out = '.', journal, server }: Given, positionals: readonly string[]) {
  if (positionals.length > 1) throw usageFailure('There is more than one prompt: put quotes around it.');
  const { emulator = false, 'emulator-seconds': workSeconds } = values;
  if (workSeconds !== undefined && !emulator) throw usageFailure('--emulator-seconds needs --emulator.');
  if (emulator && [server.baseUrl, server.project, server.location].some((value) => value !== undefined)) {
    throw usageFailure('--emulator is a server of its own: it takes no --base-url, --project and --location.');
  }
  const backend = backends.find((known) => known === values.backend);
  if (backend !== values.backend) throw usageFailure(`--backend has to be one of ${backends.join(', ')}.`);
  const [prompt] = positionals;
  const command = {
    json,
    server,
    /** `undefined`: it comes on stdin. */
    prompt: prompt === '-' ? undefined : prompt,
    model: values.model ?? DEFAULT_MODEL,
    config: {
      numberOfImages: readNumber('number', values.number) ?? 1,
      aspectRatio: values['aspect-ratio'],
      imageSize: values['image-size'],
      outputMimeType: values['mime-type'],
      seed: readNumber('seed', values.seed),
    },
    timeoutMs: readNumber('timeout', values.timeout, 1000),
    requireCancelable: values['require-cancelable'] ?? false,
    backend,
    yes: values.yes ?? false,
    tag: values.tag,
    out,
    force,
    // The jobs of an emulator in this process die with it: there would be nothing to find again.
    journal: emulator ? (journal ?? false) : journal,
    /** Runs against the emulator, which works for so long on an image. */
    emulator: emulator ? { workMs: readNumber('emulator-seconds', workSeconds, 1000) ?? 4000 } : undefined,
  };
  checkValues(command);
  return command;
}

function readRecover({ json, server, out = '.', values }: Given, [policy = 'attach', ...others]: readonly string[]) {
  const isPolicy = policy === 'attach' || policy === 'cancel';
  if (others.length > 0 || !isPolicy) throw usageFailure('recover takes attach or cancel, and options.');
  return { json, server, policy, out, journal: values.journal };
}

function readList({ json, values: { journal } }: Given, positionals: readonly string[]) {
  if (positionals.length > 0) throw usageFailure('list takes options only.');
  return { json, journal };
}

function readForget({ values: { journal } }: Given, [id = '', ...others]: readonly string[]) {
  if (!ID.test(id) || others.length > 0) {
    throw usageFailure('forget needs the id of one operation, or at least its first 6 characters.');
  }
  return { id, journal };
}

/** As long as ids may be; shorter ones are too easily those of something else. */
const ID = /^[0-9a-z-]{6,64}$/;

function readAttach({ out = '.', ...given }: Given, positionals: readonly string[]) {
  return { ...readTarget({ ...given, out }, positionals, 'attach'), out };
}

/** The library's own rule for names, asked early: nothing else shall have been complained about before it. */
function readTarget({ values, ...given }: Given, [subject = '', ...others]: readonly string[], name: string) {
  const job = parseJobName(subject);
  if (others.length > 0 || (job === undefined && !ID.test(subject))) {
    const names = 'the name of one job, such as interactions/abc or batches/abc';
    throw usageFailure(`${name} needs ${names}, or the id of an operation.`);
  }
  if (job?.location !== undefined && values.project === undefined) {
    throw usageFailure('That is a batch of Vertex: give its --project and --location.');
  }
  if (job === undefined && given.journal === false) {
    throw usageFailure('Without a journal there are no ids: give the name of a job.');
  }
  /** A job by the server's name for it, or an operation of the journal by its id or the first characters of that. */
  const target: { name: string } | { id: string } = job === undefined ? { id: subject } : { name: subject };
  return { ...given, target };
}

function readNumber(name: Flag, text: string | undefined, factor = 1): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * factor;
  throw usageFailure(`--${name} has to be a number, such as 4 or 0.5.`);
}

/** Options that the library calls by other words. */
const renamed: Record<string, string> = { timeoutMs: 'timeout', numberOfImages: 'number', outputMimeType: 'mime-type' };

/** The library's own checks, before a folder is made or stdin is read, in the words of the command line. */
function checkValues({ model, config, prompt, tag, timeoutMs }: ReturnType<typeof readGenerate>): void {
  if (prompt?.trim() === '') throw usageFailure('The prompt is empty.');
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
