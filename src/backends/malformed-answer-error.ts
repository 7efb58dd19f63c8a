/** The answer came with HTTP 200 and is not what was asked for. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

/** A name that the rest of the library, and the server itself, could not be given again: it becomes part of a path. It is told all the same. */
export function unusableName(what: string, name: string): MalformedAnswerError {
  return new MalformedAnswerError(`The answer is not ${what}: ${JSON.stringify(name)} is not the name of one.`);
}
