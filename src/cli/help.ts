import { BACKENDS } from '../api/job-name.js';

export const DEFAULT_MODEL = 'gemini-3.1-flash-image';

const text = (value: string, help: string) => ({ type: 'string', value, help }) as const;
const mark = (help: string) => ({ type: 'boolean', help }) as const;

const ofGenerate = {
  number: { ...text('N', 'how many images to make (default 1)'), short: 'n' },
  model: text('NAME', `(default ${DEFAULT_MODEL})`),
  'aspect-ratio': text('W:H', 'such as 16:9'),
  'image-size': text('SIZE', 'such as 1K, 2K, 4K'),
  'mime-type': text('TYPE', 'such as image/jpeg'),
  seed: text('N', 'image i is made with the seed N + i - 1'),
  timeout: text('SECONDS', 'cancel on the server after so long'),
  'require-cancelable': mark('start nothing that could not be cancelled on the server'),
  backend: text('NAME', `${BACKENDS.join(', ')} or auto (the default); batches: half the price, may take hours`),
  yes: { ...mark('make more than 10 images without being asked'), short: 'y' },
  tag: text('TEXT', 'yours, to recognise it by in the journal; never sent to the server'),
  emulator: mark('run against an emulated server: no key, no network, no cost; no journal unless it is named'),
  'emulator-seconds': text('N', 'how long the emulator works on an image (default 4)'),
} as const;

const ofSeveral = {
  out: { ...text('FOLDER', 'where to write image-1.png, image-2.png, … (default .)'), short: 'o' },
  force: mark('generate, attach: replace image files that are there already'),
  journal: text('FOLDER', 'where operations are written down, so that they are found again after a crash'),
  // `parseArgs` of Node 20.0 does not know by itself that `--no-` says the opposite.
  'no-journal': mark('generate, attach, cancel: without a journal'),
  json: mark('all but forget: print on stdout lines of JSON, and nothing else there (see below)'),
  'api-version': text('NAME', 'such as v1beta'),
  'base-url': text('URL', "another server than Google's"),
  project: text('ID', 'on Vertex, with the credentials of the machine in place of a key'),
  location: text('NAME', 'on Vertex (default global)'),
  help: { ...mark('print this; --version: print the version'), short: 'h' },
} as const;

export const flags = { ...ofGenerate, ...ofSeveral };

const linesOf = (some: Record<string, { short?: string; value?: string; help: string }>): string =>
  Object.entries(some)
    .map(([name, { short, value = '', help }]) => {
      const usage = `  ${short === undefined ? '   ' : `-${short},`} --${name} ${value}`;
      return `${usage.padEnd(27)} ${help}\n`;
    })
    .join('');

export const HELP = `Makes images with Google's image models. Ctrl+C stops the work on the server, too.

Usage
  genai-cancel generate PROMPT [options]   make images and write them as files
  genai-cancel list                        what is in the journal: what runs, and what a crash has left behind
  genai-cancel attach NAME|ID              watch what another process has started, and write its images
  genai-cancel cancel NAME|ID              stop a job, or all jobs of an operation
  genai-cancel recover [attach|cancel]     attach to everything that was left behind (the default), or cancel it
  genai-cancel forget ID                   take a record without an owner out of the journal; stops nothing

  Without PROMPT, or with -, the prompt is read from stdin.
  NAME is the server's name of a job: interactions/… or batches/…
  ID is the id of an operation as list shows it, or at least its first 6 characters.

Options of generate
${linesOf(ofGenerate)}
Options of several commands
${linesOf(ofSeveral)}  cancel writes images that had been made already only with --out. recover writes those of each operation
  into a folder of its own, FOLDER/ID/image-1.png.

Environment
  GOOGLE_API_KEY            the API key; if it is not set, GEMINI_API_KEY is taken; list, forget and Vertex need none
  GOOGLE_GEMINI_BASE_URL    another server than Google's, unless --base-url is given
  XDG_STATE_HOME            on Linux: where the journal is, in genai-cancel/journal (default ~/.local/state)
  NO_COLOR                  no colours

JSON
  generate, attach  every event of the operation, its name as type; an image has a path in place of its bytes
  cancel            the report
  list              each operation: id, record, owner, isOrphan, renewedAt, inDoubt
  recover           first every operation as in list, with the type found or skipped (and the reason), and what is
                    unreadable (place, problem); then the events, each with the id as operation, or with cancel a line
                    of the type cancelled with its report; last what is in-doubt (operation, jobs)

Exit codes
  0    generate, attach: every image was made and written
       cancel, recover: every job has ended, as the server says, and the images that were to be written are; also if
       there was nothing to recover
       list, forget: it is told, and nothing in it is in doubt or unreadable; it is forgotten
  1    an image is missing, or the end of a job is not confirmed; something is in doubt, lost or unreadable;
       there is no such record; or (forget) its process lives
  2    the command line was wrong, there is no key, no place for the journal, or no yes; nothing was sent
  Ctrl+C and other signals cancel on the server; then the signal ends the process (130 in a shell).
`;
