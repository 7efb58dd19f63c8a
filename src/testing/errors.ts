import type { AnswerFault, FaultOf, StatusFault } from './faults.js';
import { isInteraction, type Route } from './routes.js';
import { PushBody } from './sse.js';

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

export interface ErrorOptions {
  /** The google.rpc.Code name, in errors that have a number for a code. */
  status?: string;
  code?: string | undefined;
  details?: readonly object[] | undefined;
  headers?: Readonly<Record<string, string>>;
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

type Content = ConstructorParameters<typeof Response>[0];

/** Makes a response whose status may be one of those that have no body. */
const bareResponse = (body: Content, status: number, headers: Readonly<Record<string, string>>): Response =>
  new Response([204, 205, 304].includes(status) ? null : body, { status, headers });

const PAGES = { 502: 'Bad Gateway', 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out' } as const;
const RATE_LIMIT = 'GenerateRequestsPerMinutePerProjectPerModel';
const RETRY_DELAY_MS = 34_400;

export function faultAnswer(fault: AnswerFault, route: Route): Response | Promise<Response> {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault, route);
    case 'page':
      return answer(pageOf(fault.status), fault.status);
    case 'reset':
      return Response.error();
    case 'hang':
      return new Promise(() => undefined);
    case 'garbage':
      return answer(fault.body ?? pageOf(502), 200, fault.contentType);
    case 'json':
      return jsonResponse(fault.body, fault.status);
  }
}

export async function spoil(response: Response, fault: FaultOf<'content-type' | 'cut-body'>): Promise<Response> {
  const { status, headers } = response;
  const whole = new Uint8Array(await response.arrayBuffer());
  if (fault.kind === 'content-type') return answer(whole, status, fault.value ?? 'text/plain');
  const body = new PushBody(() => undefined);
  body.push(whole.slice(0, fault.bytes ?? whole.length / 2));
  body.end(fault.how !== 'end');
  return answer(body.stream, status, headers.get('content-type') ?? '');
}

function statusAnswer(fault: StatusFault, route: Route): Response {
  const { status, body, headers = {}, message = `Emulated error ${status}.`, gateway } = fault;
  if (typeof body === 'string') return bareResponse(body, status, headers);
  if (body !== undefined) return jsonResponse(body, status, headers);
  const code = fault.code ?? (fault.quotaId?.includes('PerDay') === true ? 'quota_exceeded' : undefined);
  return errorOn(route, status, message, { code, details: detailsOf(fault, route), headers, gateway });
}

const RPC = 'type.googleapis.com/google.rpc';

function detailsOf({ status, retryDelayMs, quotaId }: StatusFault, route: Route): object[] | undefined {
  const isUsual = status === 429 && /generateContent$/i.test(route);
  const quota = quotaId ?? (isUsual ? RATE_LIMIT : undefined);
  const delay = retryDelayMs ?? (isUsual ? RETRY_DELAY_MS : undefined);
  const details: object[] = [];
  if (quota !== undefined) details.push({ '@type': `${RPC}.QuotaFailure`, violations: [{ quotaId: quota }] });
  if (delay !== undefined) details.push({ '@type': `${RPC}.RetryInfo`, retryDelay: `${delay / 1000}s` });
  return details.length === 0 ? undefined : details;
}

/** Makes a page of nginx, which has its own words for a status. */
function pageOf(code: keyof typeof PAGES): string {
  const title = `${code} ${PAGES[code]}`;
  return `<!doctype html><html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>`;
}

const answer = (body: Content, status: number, contentType = 'text/html'): Response =>
  bareResponse(body, status, { 'content-type': contentType });
