import { CliFailure, usageFailure } from './failure.js';

/** The streams and the environment of one run: those of the process, or those of a test. */
export interface Surroundings {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Screen;
  readonly env: Environment;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The source of a prompt. */
export interface Input extends AsyncIterable<unknown> {
  readonly isTTY?: boolean | undefined;
}

export interface Output {
  write(text: string): unknown;
}

/** An output that may be a terminal. */
export interface Screen extends Output {
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

/** Reads the API key of the environment. Of two, the one that is Gemini's own. */
export function readKey({ GEMINI_API_KEY, GOOGLE_API_KEY }: Environment): string {
  const key = [GEMINI_API_KEY, GOOGLE_API_KEY].map((value) => value?.trim()).find(Boolean);
  if (key !== undefined) return key;
  throw new CliFailure(
    'There is no API key: set GEMINI_API_KEY or GOOGLE_API_KEY.\n' +
      'To try it without one: genai-cancel generate "a lighthouse in fog" --emulator',
    2,
  );
}
