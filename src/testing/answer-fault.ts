import { bareResponse, errorOn, jsonResponse, type Content } from './errors.js';
import type { AnswerFault, FaultOf, StatusFault } from './faults.js';
import type { Route } from './routes.js';
import { PushBody } from './sse.js';

const PAGES = { 502: 'Bad Gateway', 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out' } as const;
const RATE_LIMIT = 'GenerateRequestsPerMinutePerProjectPerModel';
const RETRY_DELAY_MS = 34_400;

/** Makes the answer of a fault, in place of the true one. */
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
