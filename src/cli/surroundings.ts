import { CliFailure, usageFailure } from './failure.js';

/** The streams and the environment of one run: those of the process, or those of a test. */
export interface Surroundings {
  readonly stdin: Input;
  readonly stdout: Writable;
  readonly stderr: Screen;
  readonly env: Environment;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Input extends AsyncIterable<unknown> {
  readonly isTTY?: boolean | undefined;
}

export interface Writable {
  write(text: string): unknown;
  /** Waits for the reader, without giving up the turn. */
  flush?(): void;
}

export interface Screen extends Writable {
  readonly isTTY?: boolean | undefined;
  /** 0 and `undefined` in some pseudo-terminals, which know no size. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Reads the prompt that was not on the command line. It does not wait for a terminal: it could not say what for. */
export async function readPrompt(stdin: Input): Promise<string> {
  if (stdin.isTTY === true) throw usageFailure('There is no prompt.');
  const pieces: Buffer[] = [];
  for await (const piece of stdin) pieces.push(Buffer.from(piece as Uint8Array));
  const prompt = Buffer.concat(pieces).toString('utf8').trim();
  if (prompt === '') throw usageFailure('The prompt on stdin is empty.');
  return prompt;
}

/** Reads whether the user says yes to what was asked. The end of the input is no. */
export async function readConsent(stdin: Input): Promise<boolean> {
  let answer = '';
  for await (const piece of stdin) {
    answer += Buffer.from(piece as Uint8Array).toString('utf8');
    if (answer.includes('\n')) break;
  }
  return /^y(es)?$/i.test(answer.trim());
}

/** Reads the API key of the environment. Of two, the one that the SDK would take, which says so. */
export function readKey({ GOOGLE_API_KEY, GEMINI_API_KEY }: Environment): string {
  const key = [GOOGLE_API_KEY, GEMINI_API_KEY].map((value) => value?.trim()).find(Boolean);
  if (key !== undefined) return key;
  const hint = 'To try it without one: genai-cancel generate "a lighthouse in fog" --emulator';
  throw new CliFailure(`There is no API key: set GEMINI_API_KEY or GOOGLE_API_KEY.\n${hint}`, 2);
}
