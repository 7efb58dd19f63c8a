import { isInteraction, type Route } from './routes.js';

/** For each HTTP status the name of its google.rpc.Code, and the code that interactions usually have for it. */
const CODES: Readonly<Record<number, readonly [string, string]>> = {
  400: ['INVALID_ARGUMENT', 'invalid_request'],
  401: ['UNAUTHENTICATED', 'authentication'],
  402: ['UNKNOWN', 'payment_required'],
  403: ['PERMISSION_DENIED', 'permission_denied'],
  404: ['NOT_FOUND', 'not_found'],
  408: ['DEADLINE_EXCEEDED', 'deadline_exceeded'],
  409: ['ABORTED', 'aborted'],
  416: ['OUT_OF_RANGE', 'out_of_range'],
  429: ['RESOURCE_EXHAUSTED', 'rate_limit_exceeded'],
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
  const [name, usualCode] = CODES[httpStatus] ?? ['UNKNOWN', 'api_error'];
  const { status = name, code = usualCode, details, headers = {}, gateway = false } = options;
  const hasText = isInteraction(route) && !gateway;
  const error = hasText ? { message, code, details } : { code: httpStatus, message, status, details };
  return jsonResponse(gateway ? [{ error }] : { error }, httpStatus, headers);
}

/** An error answer in place of what was asked for. */
export class Refused extends Error {
  readonly answer: (route: Route) => Response;

  constructor(httpStatus: number, message: string, options?: ErrorOptions) {
    super(message);
    this.answer = (route) => errorOn(route, httpStatus, message, options);
  }
}

export function refuse(httpStatus: number, message: string, options?: ErrorOptions): never {
  throw new Refused(httpStatus, message, options);
}

export const failPrecondition = (message: string): never =>
  refuse(400, message, { status: 'FAILED_PRECONDITION', code: 'failed_precondition' });

export const refuseUnfound = (): never => refuse(404, 'Requested entity was not found.');

export function jsonResponse(body: unknown, status = 200, headers: ErrorOptions['headers'] = {}): Response {
  return bareResponse(JSON.stringify(body), status, { 'content-type': 'application/json; charset=UTF-8', ...headers });
}

export type Content = ConstructorParameters<typeof Response>[0];

/** Makes a response whose status may be one of those that have no body. */
export const bareResponse = (body: Content, status: number, headers: Readonly<Record<string, string>>): Response =>
  new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
