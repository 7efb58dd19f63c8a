import { parseJson } from '../util/json.js';
import { faultAnswer, spoil } from './answer-fault.js';
import { refuseCredentials, refuse } from './endpoints/refuse.js';
import { Call, type Endpoint, Client, readBody } from './call.js';
import { cancelBatch, createBatch, getBatch, listBatches, removeBatch } from './endpoints/batches.js';
import { downloadFile, getFile, uploadFile } from './endpoints/files.js';
import { cancel, create, get, remove, stream } from './endpoints/interactions.js';
import { generateContent, getModel, predict, streamGenerateContent } from './endpoints/models.js';
import { errorOn, googleError, notFound } from './errors.js';
import type { FaultTarget } from './fault-book.js';
import { isObject, isTooDeep, stringAt } from './json.js';
import type { Mutable, RequestRecord } from './meter.js';
import { CREATES, isIn, matchRoute, type Route, type RouteMatch } from './routes.js';
import type { World } from './world.js';

const ENDPOINTS: Readonly<Record<Route, Endpoint>> = {
  create,
  get,
  stream,
  cancel,
  delete: remove,
  predict,
  generateContent,
  streamGenerateContent,
  'model-get': getModel,
  file: downloadFile,
  'file-get': getFile,
  'file-upload': uploadFile,
  'batch-create': createBatch,
  'batch-get': getBatch,
  'batch-list': listBatches,
  'batch-cancel': cancelBatch,
  'batch-delete': removeBatch,
  unknown: () => () => googleError(404, 'The requested URL was not found on this server.'),
};

/** Answers a request; `Response.error()` stands for a connection that broke. Never rejects. */
export async function serve(world: World, request: Request): Promise<Response> {
  if (request.signal.aborted) return Response.error();
  const at = world.settings.clock.now();
  const client = new Client(request);
  world.clients.add(client);
  client.onLeave(() => world.clients.delete(client));
  const url = new URL(request.url);
  const match = matchRoute(request.method, url);
  const text = await readBody(request);
  // The connection broke in the middle of the request: a server never gets to see such a one.
  if (text === undefined) return Response.error();
  const record = newRecord(request, url, match, text, at);
  const refusal = refuseCredentials(request, url, match.route, world.settings.apiKey);
  record.authorized = refusal === undefined;
  world.meter.change(() => world.meter.requests.push(record));
  const target = targetOf(world, match, record.body);
  const call = new Call({ world, client, record, match, url, target, headers: request.headers, text });
  return untilLeft(call, refusal === undefined ? respond(call) : Promise.resolve(refusal));
}

/** The answer, or a broken connection once the client has left; either is noted. */
async function untilLeft(call: Call, answer: Promise<Response>): Promise<Response> {
  const { client, record, world } = call;
  const left = new Promise<Response>((resolve) =>
    client.onLeave(() => {
      call.note({ clientLeftAt: world.settings.clock.now() });
      resolve(Response.error());
    }),
  );
  const response = await Promise.race([
    answer.catch((cause: unknown) => googleError(500, `The emulator failed: ${String(cause)}`)),
    left,
  ]);
  if (client.left) return response;
  const status = response.type === 'error' ? undefined : response.status;
  call.note({ answeredAt: world.settings.clock.now(), status });
  // A stream goes on, and still wants to know when its client leaves.
  if (record.events === undefined) {
    client.release();
    world.clients.delete(client);
  }
  return response;
}

async function respond(call: Call): Promise<Response> {
  const { world, client, match } = call;
  const { route } = match;
  if (match.version !== undefined && !world.settings.apiVersions.includes(match.version)) return noVersion(match);
  if (isTooDeep(call.record.body)) return errorOn(route, 400, 'Invalid JSON payload received. Message too deep.');
  const delays = call.strikeAll('delay');
  // Whether the client waits for it or not: what has been sent is carried out.
  for (const { ms, when } of delays) if (when === 'before') await world.sleep(ms);
  const fault = call.strike('status', 'page', 'reset', 'hang', 'garbage', 'json');
  if (fault !== undefined && fault.when !== 'after') return faultAnswer(fault, route);
  const answer = refuse(call) ?? ENDPOINTS[route](call);
  if (fault !== undefined) return faultAnswer(fault, route);
  const response = await spoilt(call, await answer());
  for (const { ms, when } of delays) if (when !== 'before') await world.sleep(ms, client);
  return response;
}

/** Lets a fault spoil the answer. A stream is left alone: it has faults of its own. */
async function spoilt(call: Call, response: Response): Promise<Response> {
  if (call.record.events !== undefined) return response;
  const fault = call.strike('content-type', 'cut-body');
  return fault === undefined ? response : spoil(response, fault);
}

/** Refuses an API version. A create of an interaction was seen to answer 400. */
function noVersion({ route, version = '' }: RouteMatch): Response {
  return route === 'create' ? errorOn(route, 400, `Interactions are not available in ${version}.`) : notFound(route);
}

function targetOf(world: World, match: RouteMatch, body: unknown): FaultTarget {
  const job = match.collection === undefined ? world.find(match.id) : world.findBatch(match);
  const named = isObject(body) ? (stringAt(body, 'model') ?? stringAt(body, 'agent')) : undefined;
  const creates = isIn(CREATES, match.route);
  return {
    route: match.route,
    // Vertex has its models in a path: publishers/google/models/{m}.
    model: job?.record.model ?? match.model ?? named?.split('/').at(-1),
    jobName: job?.record.name,
    jobIndex: job?.record.index ?? (creates ? world.nextIndex : undefined),
  };
}

function newRecord(
  request: Request,
  url: URL,
  { route }: RouteMatch,
  text: string,
  at: number,
): Mutable<RequestRecord> {
  const { key: _, ...query } = Object.fromEntries(url.searchParams);
  return {
    at,
    method: request.method,
    path: url.pathname,
    query,
    route,
    authorized: false,
    apiClient: request.headers.get('x-goog-api-client') ?? undefined,
    body: bodyOf(text),
    bodyBytes: new TextEncoder().encode(text).length,
    serverTimeoutMs: serverTimeout(request),
    faults: [],
    ...UNKNOWN_YET,
  };
}

const UNKNOWN_YET = { job: undefined, status: undefined, answeredAt: undefined, clientLeftAt: undefined };

/** The header is in seconds. */
function serverTimeout({ headers }: Request): number | undefined {
  const seconds = Number(headers.get('x-server-timeout') ?? NaN);
  return seconds > 0 && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function bodyOf(text: string): unknown {
  const parsed = parseJson(text);
  return parsed === undefined && text !== '' ? text : parsed;
}
