import { errorOn, jsonResponse } from './errors.js';
import type { AnswerFault, FaultOf, StatusFault } from './faults.js';
import { PushBody } from './sse.js';
import type { Route } from './routes.js';

const PAGES = { 502: 'Bad Gateway', 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out' } as const;
const RATE_LIMIT = 'GenerateRequestsPerMinutePerProjectPerModel';
const RETRY_DELAY_MS = 34_400;

/** Makes the answer of a fault, in place of the true one. */
export function faultAnswer(fault: AnswerFault, route: Route): Response | Promise<Response> {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault, route);
    case 'page':
      return page(fault.status);
    case 'reset':
      return Response.error();
    case 'hang':
      return new Promise(() => undefined);
    case 'garbage':
      if (fault.body === undefined && fault.contentType === undefined) return page(502, 200);
      return new Response(fault.body ?? '', { headers: { 'content-type': fault.contentType ?? 'text/html' } });
    case 'json':
      return jsonResponse(fault.body, { status: fault.status ?? 200 });
  }
}

/** Spoils the true answer. */
export async function spoil(response: Response, fault: FaultOf<'content-type' | 'cut-body'>): Promise<Response> {
  const { status } = response;
  const contentType = fault.kind === 'content-type' ? (fault.value ?? 'text/plain') : undefined;
  const headers = { 'content-type': contentType ?? response.headers.get('content-type') ?? '' };
  const whole = new Uint8Array(await response.arrayBuffer());
  if (fault.kind === 'content-type') return new Response(whole, { status, headers });
  const body = new PushBody(() => undefined);
  body.push(whole.slice(0, fault.bytes ?? whole.length / 2));
  if (fault.how === 'end') body.end();
  else body.fail();
  return new Response(body.stream, { status, headers });
}

function statusAnswer(fault: StatusFault, route: Route): Response {
  const { status, body, headers = {}, message = `Emulated error ${status}.`, gateway } = fault;
  if (typeof body === 'string') return new Response(body, { status, headers });
  if (body !== undefined) return jsonResponse(body, { status, headers });
  const code = fault.code ?? (fault.quotaId?.includes('PerDay') === true ? 'quota_exceeded' : undefined);
  return errorOn(route, status, message, { code, details: detailsOf(fault, route), headers, gateway });
}

/** Makes the details of an error: the quota that is used up, and the time of the next try. */
function detailsOf({ status, retryDelayMs, quotaId }: StatusFault, route: Route): object[] | undefined {
  const isUsual = status === 429 && /generateContent$/i.test(route);
  const quota = quotaId ?? (isUsual ? RATE_LIMIT : undefined);
  const delay = retryDelayMs ?? (isUsual ? RETRY_DELAY_MS : undefined);
  const details = [
    ...(quota === undefined ? [] : [{ '@type': `${RPC}.QuotaFailure`, violations: [{ quotaId: quota }] }]),
    ...(delay === undefined ? [] : [{ '@type': `${RPC}.RetryInfo`, retryDelay: `${delay / 1000}s` }]),
  ];
  return details.length === 0 ? undefined : details;
}

const RPC = 'type.googleapis.com/google.rpc';

/** Makes a page of nginx, which has its own words for a status. */
function page(code: keyof typeof PAGES, status: number = code): Response {
  const title = `${code} ${PAGES[code]}`;
  const html = `<!doctype html><html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>`;
  return new Response(html, { status, headers: { 'content-type': 'text/html' } });
}
