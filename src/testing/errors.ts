import { isInteraction, type Route } from './routes.js';

/** For each HTTP status the name of its google.rpc.Code, and the codes that interactions have for it, the usual one first. */
const CODES: Readonly<Record<number, readonly [string, ...string[]]>> = {
  400: ['INVALID_ARGUMENT', 'invalid_request', 'failed_precondition', 'parameter_unknown'],
  401: ['UNAUTHENTICATED', 'authentication'],
  402: ['UNKNOWN', 'payment_required'],
  403: ['PERMISSION_DENIED', 'permission_denied'],
  404: ['NOT_FOUND', 'not_found', 'model_not_found'],
  408: ['DEADLINE_EXCEEDED', 'deadline_exceeded'],
  409: ['ABORTED', 'aborted', 'already_exists'],
  416: ['OUT_OF_RANGE', 'out_of_range'],
  429: ['RESOURCE_EXHAUSTED', 'rate_limit_exceeded', 'quota_exceeded', 'too_many_requests'],
  499: ['CANCELLED', 'cancelled'],
  500: ['INTERNAL', 'api_error'],
  501: ['UNIMPLEMENTED', 'unimplemented'],
  502: ['UNAVAILABLE', 'service_unavailable'],
  503: ['UNAVAILABLE', 'service_unavailable'],
  504: ['DEADLINE_EXCEEDED', 'deadline_exceeded'],
};

const RPC_CODES = `ok cancelled unknown invalid_argument deadline_exceeded not_found already_exists permission_denied
  resource_exhausted failed_precondition aborted out_of_range unimplemented internal unavailable data_loss
  unauthenticated`.split(/\s+/);

/** The google.rpc.Code of a name (`internal`, `RESOURCE_EXHAUSTED`) or of digits; 2, UNKNOWN, for anything else. */
export function rpcCode(name: string): number {
  const index = RPC_CODES.indexOf(name.toLowerCase());
  return index === -1 ? Number.parseInt(name, 10) || 2 : index;
}

/** The differences of an error from the usual one of its HTTP status. */
export interface ErrorOptions {
  /** The google.rpc.Code name, in errors that have a number for a code. */
  status?: string;
  /** The code, in errors of interactions. @default the usual one of the HTTP status */
  code?: string | undefined;
  details?: readonly object[] | undefined;
  headers?: Readonly<Record<string, string>>;
  /** From the gateway: an array, with a number for a code on every route. */
  gateway?: boolean | undefined;
}

/** Makes an error answer in the form of a route: interactions have `{ error: { code: 'not_found', message } }`. */
export function errorOn(route: Route, httpStatus: number, message: string, options: ErrorOptions = {}): Response {
  const { details, headers = {}, gateway = false } = options;
  const [name, usualCode] = CODES[httpStatus] ?? ['UNKNOWN'];
  const body =
    isInteraction(route) && !gateway
      ? { error: { message, code: options.code ?? usualCode ?? 'api_error', ...(details && { details }) } }
      : { error: { code: httpStatus, message, status: options.status ?? name, ...(details && { details }) } };
  return jsonResponse(gateway ? [body] : body, { status: httpStatus, headers });
}

/** Makes an error answer with a number for a code, as Google's REST front end writes it. */
export const googleError = (httpStatus: number, message: string, options: ErrorOptions = {}): Response =>
  errorOn('unknown', httpStatus, message, options);

/** Makes an error answer of interactions. */
export const interactionError = (httpStatus: number, message: string, code?: string): Response =>
  errorOn('create', httpStatus, message, { code });

/** Makes a 400 because of a state. */
export const failedPrecondition = (route: Route, message: string): Response =>
  errorOn(route, 400, message, { status: 'FAILED_PRECONDITION', code: 'failed_precondition' });

export const notFound = (route: Route): Response => errorOn(route, 404, 'Requested entity was not found.');

/** Answers a cancel that comes too late; `ok` makes the answer of a server that accepts it. */
export function cancelTooLate(route: Route, httpStatus: 400 | 404 | 409 | 200, ok: () => Response): Response {
  if (httpStatus === 200) return ok();
  if (httpStatus === 404) return notFound(route);
  return httpStatus === 400 ? failedPrecondition(route, ENDED) : errorOn(route, httpStatus, ENDED);
}

const ENDED = 'It is no longer running.';

/** Makes a JSON answer with Google's content type. */
export function jsonResponse(
  body: unknown,
  init: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): Response {
  return new Response(JSON.stringify(body), {
    status: init.status ?? 200,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...init.headers },
  });
}
