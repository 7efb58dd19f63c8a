/** The answer came with HTTP 200 and is not what was asked for. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}
