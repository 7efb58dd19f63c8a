import { usageFailure } from './failure.js';

/** What a prompt is read from: `process.stdin`. */
export interface PromptSource extends AsyncIterable<unknown> {
  readonly isTTY?: boolean | undefined;
}

/** Reads the prompt that was not on the command line. A terminal is not waited for: nobody would know what for. */
export async function readPrompt(stdin: PromptSource): Promise<string> {
  if (stdin.isTTY === true) throw usageFailure('There is no prompt.');
  const pieces: Buffer[] = [];
  for await (const piece of stdin) pieces.push(Buffer.from(piece as Uint8Array));
  const prompt = Buffer.concat(pieces).toString('utf8').trim();
  if (prompt === '') throw usageFailure('The prompt on stdin is empty.');
  return prompt;
}
