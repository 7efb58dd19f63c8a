import { text } from 'node:stream/consumers';
import { COMMAND } from '../api/commands.js';
import { CliFailure, usageFailure } from './failure.js';

/** The streams and the environment of one run: those of the process, or those of a test. */
export interface Surroundings {
  readonly stdin: Input;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Environment;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Input extends AsyncIterable<unknown> {
  readonly isTTY?: boolean | undefined;
}

export interface Screen {
  write(text: string): unknown;
  /** Waits for the reader, without giving up the turn. The name is our own: the streams of Bun have a `flush` that is no function. */
  catchUp?(): void;
  readonly isTTY?: boolean | undefined;
  /** 0 and `undefined` in some pseudo-terminals, which know no size. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Reads the prompt, where it is not on the command line from stdin. It does not wait for a terminal: it could not say what for. */
export async function readPrompt(word: string | undefined, stdin: Input): Promise<string> {
  if (word !== undefined && word !== '-') return word;
  if (stdin.isTTY === true) throw usageFailure('There is no prompt.');
  const prompt = (await text(stdin)).trim();
  if (prompt === '') throw usageFailure('The prompt on stdin is empty.');
  return prompt;
}

type Asking = Pick<Surroundings, 'stdin' | 'stderr'> & { readonly output: { say(text: string): void } };

/** Asks in a terminal whether that is meant. Elsewhere nobody could answer, and the end of the input is no. */
export async function expectConsent(what: string, { stdin, stderr, output }: Asking): Promise<void> {
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw usageFailure(`Nothing was sent. ${what} If you mean it, add --yes.`);
  }
  output.say(`${what} Do you mean it? (y/N; --yes answers beforehand)`);
  let answer = '';
  for await (const piece of stdin) {
    answer += Buffer.from(piece as Uint8Array).toString('utf8');
    if (answer.includes('\n')) break;
  }
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliFailure('Nothing was sent: it was not wanted.', 2);
}

/** Reads the API key of the environment. Of two, the one that the SDK would take, which says so. */
export function readKey({ GOOGLE_API_KEY, GEMINI_API_KEY }: Environment): string {
  const key = [GOOGLE_API_KEY, GEMINI_API_KEY].map((value) => value?.trim()).find(Boolean);
  if (key !== undefined) return key;
  const hint = `To try it without one: ${COMMAND} generate "a lighthouse in fog" --emulator`;
  throw new CliFailure(`There is no API key: set GEMINI_API_KEY or GOOGLE_API_KEY.\n${hint}`, 2);
}
