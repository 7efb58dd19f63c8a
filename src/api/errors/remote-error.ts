/**
 * What a call to the server came to, as the `cause` of the library's errors. The SDK's own error is not passed on: it
 * holds the request, and with it the API key.
 */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  /** HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
  /** Google's code, such as `model_not_found`; without an answer, the code of the connection error, such as `ECONNREFUSED`. */
  readonly code: string | undefined;

  constructor(message: string, details: { status?: number | undefined; code?: string | undefined } = {}) {
    super(message);
    this.status = details.status;
    this.code = details.code;
  }
}
