/** Google's names for HTTP status codes (google.rpc.Code). */
const CODE_NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** The google.rpc.Code of a name (`internal`, `RESOURCE_EXHAUSTED`) or of digits; 2, UNKNOWN, for anything else. */
export function rpcCode(name: string): number {
  const index = RPC_CODES.indexOf(name.toLowerCase());
  return index === -1 ? Number.parseInt(name, 10) || 2 : index;
}

const RPC_CODES = `ok cancelled unknown invalid_argument deadline_exceeded not_found already_exists permission_denied
  resource_exhausted failed_precondition aborted out_of_range unimplemented internal unavailable data_loss
  unauthenticated`.split(/\s+/);

/** Where an error differs from the usual one of its HTTP status. */
export interface GoogleErrorOptions {
  /** The google.rpc.Code name, where it is not the usual one of the HTTP status. */
  status?: string;
  details?: readonly object[];
  headers?: Readonly<Record<string, string>>;
}

/** An error answer as Google's REST front end writes it: `{ error: { code, message, status, details? } }`. */
export function googleError(code: number, message: string, options: GoogleErrorOptions = {}): Response {
  const status = options.status ?? CODE_NAMES[code] ?? 'UNKNOWN';
  const error = { code, message, status, ...(options.details && { details: options.details }) };
  return jsonResponse({ error }, { status: code, ...(options.headers && { headers: options.headers }) });
}

/** A JSON answer with Google's content type. */
export function jsonResponse(
  body: unknown,
  init: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): Response {
  return new Response(JSON.stringify(body), {
    status: init.status ?? 200,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...init.headers },
  });
}

export const notFound = (what = 'Requested entity was not found.'): Response => googleError(404, what);
