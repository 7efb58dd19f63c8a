import { BACKENDS } from '../api/job-name.js';
import { COMMAND } from '../api/commands.js';
import { wrap } from './output.js';

export const DEFAULT_MODEL = 'gemini-3.1-flash-image';

const text = (value: string, help: string) => ({ type: 'string', value, help }) as const;
const mark = (help: string) => ({ type: 'boolean', help }) as const;

/** Options of the commands, as `parseArgs` takes them, with the words for a value and the help. */
export const flags = {
  number: { ...text('N', 'how many images to make (default 1)'), short: 'n' },
  out: { ...text('PLACE', "a folder, a file, or names like 'out/{index}.{ext}' (default .)"), short: 'o' },
  force: mark('replace image files that are there already'),
  model: text('NAME', `(default ${DEFAULT_MODEL})`),
  'aspect-ratio': text('W:H', 'such as 16:9'),
  'image-size': text('SIZE', 'such as 1K, 2K, 4K'),
  'mime-type': text('TYPE', 'such as image/jpeg'),
  seed: text('N', 'image i is made with the seed N + i - 1'),
  timeout: text('SECONDS', 'cancel on the server after so long'),
  'require-cancelable': mark('start nothing that could not be cancelled on the server'),
  backend: text('NAME', `${BACKENDS.join(', ')} or auto (the default); batches: half the price, may take hours`),
  yes: { ...mark('make more than 10 images, or probe, without being asked'), short: 'y' },
  tag: text('TEXT', 'yours, to recognise it by in the journal; never sent to the server'),
  emulator: mark('run against an emulated server: no key, no network, no cost; no journal unless it is named'),
  port: text('N', 'where to listen (default: a free port)'),
  'work-seconds': text('S', 'how long the emulator works on an image (default 4)'),
  'queue-seconds': text('S', 'how long a job waits before the work (default 0)'),
  world: text('A|B|C', 'A cancels (the default), B does not while a job runs, C refuses background jobs'),
  streamed: mark('let the stream start one more job: two more answers, and up to one more image'),
  fault: { ...text('JSON', 'one fault of createEmulator(); may be given several times'), multiple: true },
  quiet: { ...mark('no progress; errors, warnings and the result remain'), short: 'q' },
  json: mark('print lines of JSON on stdout, and nothing else there'),
  journal: text('FOLDER', 'where operations are written down, so that they are found again after a crash'),
  // `parseArgs` of Node 20.0 does not know by itself that `--no-` says the opposite.
  'no-journal': mark('do without a journal'),
  'api-version': text('NAME', 'such as v1beta'),
  'base-url': text('URL', "another server than Google's"),
  project: text('ID', 'on Vertex, with the credentials of the machine in place of a key'),
  location: text('NAME', 'on Vertex (default global)'),
  help: { ...mark('print this'), short: 'h' },
} as const;

export type Flag = keyof typeof flags;

export const serverFlags = ['api-version', 'base-url', 'project', 'location'] as const satisfies Flag[];

const ofImages = ['number', 'out', 'force', 'model', 'aspect-ratio', 'image-size', 'mime-type', 'seed'] as const;
const ofTheirMaking = ['timeout', 'require-cancelable', 'backend', 'yes', 'tag', 'emulator', 'work-seconds'] as const;
const ofJobs = ['json', 'journal', 'no-journal', ...serverFlags] as const;

interface Entry {
  /** The words after the name of the command. Without any it takes options only. */
  readonly args: string;
  /** A line in the list of commands. */
  readonly does: string;
  /** Options besides `--help`, in the order of its help. */
  readonly takes: readonly Flag[];
  /** The rest of its help. */
  readonly about: string;
  /** Words after the name of the command, ready to be typed. */
  readonly examples: readonly string[];
}

const TARGET = `NAME is the name of a job on the server: interactions/… or batches/…. ID is the id of an operation as list
  shows it, or at least its first 6 characters.`;
const EVENTS = '--json prints every event of the operation, with its type. An image has a path in place of its bytes.';

/** The commands: what each takes, and its help. Parsing and help both come from here. */
export const commands = {
  generate: {
    args: '[PROMPT]',
    does: 'make images and write them as files',
    takes: [...ofImages, ...ofTheirMaking, 'quiet', ...ofJobs],
    about: `Without PROMPT, or with -, the prompt is read from stdin. One that begins with - goes after --. Each image
      is written when it is finished. Ctrl+C cancels the others on the server. ${EVENTS}`,
    examples: [
      'generate "a lighthouse in fog" --emulator',
      'generate "a lighthouse in fog" -n 4 -o out/',
      'generate --require-cancelable --timeout 60 <prompt.txt',
    ],
  },
  list: {
    args: '',
    does: 'show the journal: what was started, and what a crash left behind',
    takes: ['json', 'journal'],
    about: `Needs no key and no network. Changes nothing. --json prints a line for each operation: id, record, owner,
      isOrphan, renewedAt, inDoubt.`,
    examples: ['list', 'list --json'],
  },
  attach: {
    args: 'NAME|ID',
    does: 'watch what another process has started, and write its images',
    takes: ['out', 'force', 'quiet', ...ofJobs],
    about: `${TARGET} ${EVENTS}`,
    examples: ['attach interactions/NAME -o out/', 'attach 0a1b2c'],
  },
  cancel: {
    args: 'NAME|ID',
    does: 'stop a job, or all jobs of an operation',
    takes: ['out', ...ofJobs],
    about: `${TARGET} Images that had been made already are written only with --out. --json prints the report.`,
    examples: ['cancel interactions/NAME', 'cancel 0a1b2c -o out/'],
  },
  recover: {
    args: '[attach|cancel]',
    does: 'attach to all that was left behind (the default), or cancel it',
    takes: ['out', 'quiet', 'json', 'journal', ...serverFlags],
    about: `The images of each operation go into a folder of its own, such as out/ID/image-1.png. --json prints every
      operation as list does, found or skipped, then the events or, with cancel, the reports.`,
    examples: ['recover -o out/', 'recover cancel'],
  },
  forget: {
    args: 'ID',
    does: 'take a record without an owner out of the journal',
    takes: ['journal'],
    about: 'Stops nothing. ID is the id of an operation as list shows it, or at least its first 6 characters.',
    examples: ['forget 0a1b2c'],
  },
  capabilities: {
    args: '',
    does: 'tell whether the server can cancel what a model makes',
    takes: ['model', 'json', ...serverFlags],
    about: 'Says what is documented, with its source, and what a probe has observed. Needs no key. Sends nothing.',
    examples: ['capabilities', 'capabilities --model imagen-4.0-generate-001 --json'],
  },
  probe: {
    args: '',
    does: 'ask the server, by one small image, whether it can cancel a model',
    takes: ['model', 'streamed', 'timeout', 'yes', ...ofJobs],
    about: `Starts a background job, reads it, opens its stream, cancels it twice, and reads until its end. Says before
      what it sends, and that it may cost up to one image. docs/probe.md explains each line. generate
      --require-cancelable knows the result for 30 days. --json prints the report: no key, and no prompt.`,
    examples: ['probe', 'probe --model gemini-3-pro-image --yes --json'],
  },
  emulator: {
    args: '',
    does: "play Google's servers for other programs, until a signal ends it",
    takes: ['port', 'work-seconds', 'queue-seconds', 'world', 'fault'],
    about: `Prints two lines for a shell: with them, programs of the Gemini API ask the emulator, in any language.
      Listens on 127.0.0.1 only. No key, no network, no cost. stderr has a line for each change.`,
    examples: [
      'emulator >env.sh &',
      'emulator --port 8080 --work-seconds 30 --world B',
      `emulator --fault '{"kind":"hang","route":"cancel"}'`,
    ],
  },
} as const satisfies Record<string, Entry>;

export type Name = keyof typeof commands;

export const isName = (name: string): name is Name => Object.hasOwn(commands, name);

/** Breaks a text into lines for a terminal of 80 columns, behind a first column that is so wide. */
function paragraph(text: string, first = '', width = 0): string {
  const indent = `\n${' '.repeat(width)}`;
  return `${first.padEnd(width)}${wrap(text.replace(/\s+/g, ' '), 80 - width).join(indent)}\n`;
}

const columns = (rows: readonly (readonly [string, string])[], width: number): string =>
  rows.map(([left, right]) => paragraph(right, `  ${left} `, width)).join('');

function optionRow(name: Flag): readonly [string, string] {
  const { short, value = '', help }: { short?: string; value?: string; help: string } = flags[name];
  return [`${short === undefined ? '   ' : `-${short},`} --${name} ${value}`.trimEnd(), help];
}

export function helpOf(name: Name | undefined): string {
  if (name === undefined) return HELP;
  const { args, does, takes, about, examples }: Entry = commands[name];
  const usage = ['genai-cancel', name, args, '[options]'].filter(Boolean).join(' ');
  const text = `${paragraph(`${does.charAt(0).toUpperCase()}${does.slice(1)}.`)}\n${paragraph(about)}`;
  const options = columns([...takes, 'help' as const].map(optionRow), 29);
  return `${usage}\n\n${text}\nOptions\n${options}\nExamples\n${examples.map((one) => `  ${COMMAND} ${one}\n`).join('')}`;
}

const ENVIRONMENT = [
  ['GOOGLE_API_KEY', 'the API key; if it is not set, GEMINI_API_KEY is taken'],
  ['GOOGLE_GEMINI_BASE_URL', "another server than Google's, unless --base-url is given"],
  ['XDG_STATE_HOME', 'on Linux: where the journal is, in genai-cancel/journal (default ~/.local/state)'],
] as const;

const EXIT_CODES = [
  ['0', 'Every image was made and written, or every job has ended. probe: the report is complete, be it a refusal.'],
  ['1', 'An image is missing, an end is not confirmed, something is in doubt or lost, or it could not be done.'],
  ['2', 'The command line was wrong, or there is no key, no place for the journal, or no yes. Nothing was sent.'],
] as const;

const HELP = `Makes images with Google's image models. Ctrl+C stops the work there, too.

Commands
${columns(
  Object.entries(commands).map(([name, { args, does }]) => [`${name} ${args}`, does]),
  29,
)}
  ${COMMAND} help COMMAND   tells its options, with examples
  ${COMMAND} --version      prints the version

Environment
${columns(ENVIRONMENT, 29)}
Exit codes
${columns(EXIT_CODES, 5)}  Ctrl+C and other signals cancel on the server, and then end the process.
`;
