import { googleError, jsonResponse } from './errors.js';
import type { AnswerFault } from './faults.js';

const HTML = '<!doctype html><html><head><title>502</title></head><body>Bad gateway</body></html>';

/** What a fault answers in place of the truth. */
export function faultAnswer(fault: AnswerFault): Response | Promise<Response> {
  switch (fault.kind) {
    case 'status':
      return statusAnswer(fault);
    case 'reset':
      return Response.error();
    case 'hang':
      return new Promise(() => undefined);
    case 'garbage':
      return new Response(fault.body ?? HTML, { headers: { 'content-type': fault.contentType ?? 'text/html' } });
    case 'json':
      return jsonResponse(fault.body, { status: fault.status ?? 200 });
  }
}

function statusAnswer(fault: Extract<AnswerFault, { kind: 'status' }>): Response {
  const { status, body, headers = {}, message = `Emulated error ${status}.` } = fault;
  if (typeof body === 'string') return new Response(body, { status, headers });
  if (body !== undefined) return jsonResponse(body, { status, headers });
  return googleError(status, message, { headers });
}
