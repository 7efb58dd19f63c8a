import { parseJson } from '../util/json.js';
import { Client, hold } from './client.js';
import * as batches from './endpoints/batches.js';
import * as files from './endpoints/files.js';
import * as interactions from './endpoints/interactions.js';
import * as models from './endpoints/models.js';
import { refuseCredentials, refuseModel, refuseSize } from './endpoints/refuse.js';
import { errorOn, faultAnswer, jsonResponse, refuse, Refused, refuseUnfound, spoil } from './errors.js';
import type { FaultTarget } from './fault-book.js';
import { isObject, isTooDeep, stringAt } from './json.js';
import type { RequestRecord } from './meter.js';
import { CREATES, matchRoute, type Route, type RouteMatch } from './routes.js';
import { keySet } from './signing.js';
import { note, strike, strikeAll, type Answer, type Call, type World } from './world.js';

const ENDPOINTS: Readonly<Record<Route, (call: Call) => Answer>> = {
  create: interactions.create,
  get: interactions.get,
  stream: interactions.stream,
  cancel: interactions.cancel,
  delete: interactions.remove,
  predict: models.predict,
  generateContent: models.generateContent,
  streamGenerateContent: models.streamGenerateContent,
  'model-get': models.getModel,
  file: files.downloadFile,
  'file-get': files.getFile,
  'file-upload': files.uploadFile,
  'batch-create': batches.createBatch,
  'batch-get': batches.getBatch,
  'batch-list': batches.listBatches,
  'batch-cancel': batches.cancelBatch,
  'batch-delete': batches.removeBatch,
  jwks: () => async () => jsonResponse(await keySet()),
  unknown: () => refuse(404, 'The requested URL was not found on this server.'),
};

export async function serve(world: World, request: Request): Promise<Response> {
  if (request.signal.aborted) return Response.error();
  const at = world.timers.now();
  const { era } = world;
  const client = new Client(request, world.clients);
  const url = new URL(request.url);
  const match = matchRoute(request.method, url);
  // Chromium hands it over from another thread, after many turns.
  const text = await hold(request.text()).catch(() => undefined);
  // The connection broke in the middle of the request: a server never gets to see such a one.
  if (text === undefined || era.aborted) return Response.error();
  const { route } = match;
  const refusal = refuseCredentials(request.headers, url, route, world.settings.apiKey);
  const authorized = refusal === undefined;
  const record: RequestRecord = { at, route, authorized, ...contentsOf(request, url, text) };
  world.meter.change(() => world.meter.requests.push(record));
  const target = targetOf(world, match, record.body);
  const call = { world, client, record, match, url, target, headers: request.headers, text };
  return untilLeft(call, refusal === undefined ? respond(call) : Promise.resolve(refusal));
}

/** The answer, or a broken connection once the client has left; either is noted. */
async function untilLeft(call: Call, answer: Promise<Response>): Promise<Response> {
  const { client, record, world } = call;
  const left = new Promise<Response>((resolve) =>
    client.onLeave(() => {
      note(call, { clientLeftAt: world.timers.now() });
      resolve(Response.error());
    }),
  );
  const refused = answer.catch((cause: unknown) => {
    if (cause instanceof Refused) return cause.answer(record.route);
    return errorOn('unknown', 500, `The emulator failed: ${String(cause)}`);
  });
  const response = await Promise.race([refused, left]);
  if (client.left) return response;
  const status = response.type === 'error' ? undefined : response.status;
  note(call, { answeredAt: world.timers.now(), status });
  // A stream goes on, and still wants to know when its client leaves.
  if (record.events === undefined) client.release();
  return response;
}

async function respond(call: Call): Promise<Response> {
  const { world, client, match } = call;
  refuseVersion(match, world.settings.apiVersions);
  if (isTooDeep(call.record.body)) refuse(400, 'Invalid JSON payload received. Message too deep.');
  const delays = [...strikeAll(call, ['delay'])];
  // Whether the client waits for it or not: what has been sent is carried out.
  for (const { ms, when } of delays) if (when === 'before') await world.sleep(ms);
  const fault = strike(call, 'status', 'page', 'reset', 'hang', 'garbage', 'json');
  if (fault !== undefined && fault.when !== 'after') return faultAnswer(fault, match.route);
  const answer = carryOut(call);
  if (fault !== undefined) return faultAnswer(fault, match.route);
  const whole = await (typeof answer === 'function' ? answer() : answer);
  // A stream is left alone: it has faults of its own.
  const spoiler = call.record.events === undefined ? strike(call, 'content-type', 'cut-body') : undefined;
  const response = spoiler === undefined ? whole : await spoil(whole, spoiler);
  for (const { ms, when } of delays) if (when !== 'before') await world.sleep(ms, client);
  return response;
}

function carryOut(call: Call): Answer {
  const { route } = call.match;
  try {
    refuseSize(call);
    refuseModel(call);
    return ENDPOINTS[route](call);
  } catch (error) {
    if (error instanceof Refused) return error.answer(route);
    throw error;
  }
}

/** Refuses an API version. A create of an interaction was seen to answer 400. */
function refuseVersion({ route, version }: RouteMatch, versions: readonly string[]): void {
  if (version === undefined || versions.includes(version)) return;
  if (route === 'create') refuse(400, `Interactions are not available in ${version}.`);
  refuseUnfound();
}

function targetOf(world: World, match: RouteMatch, body: unknown): FaultTarget {
  const job = match.collection === undefined ? world.find(match.id) : world.findBatch(match);
  const named = isObject(body) ? (stringAt(body, 'model') ?? stringAt(body, 'agent')) : undefined;
  const creates = CREATES.includes(match.route);
  return {
    route: match.route,
    // Vertex has its models in a path: publishers/google/models/{m}.
    model: job?.record.model ?? match.model ?? named?.split('/').at(-1),
    jobName: job?.record.name,
    jobIndex: job?.record.index ?? (creates ? world.nextIndex : undefined),
  };
}

function contentsOf(request: Request, url: URL, text: string): Omit<RequestRecord, 'at' | 'route' | 'authorized'> {
  const { method, headers } = request;
  const { key: _, ...query } = Object.fromEntries(url.searchParams);
  const seconds = Number(headers.get('x-server-timeout') ?? NaN);
  return {
    method,
    path: url.pathname,
    query,
    apiClient: headers.get('x-goog-api-client') ?? undefined,
    body: parseJson(text) ?? (text === '' ? undefined : text),
    bodyBytes: new TextEncoder().encode(text).length,
    serverTimeoutMs: seconds > 0 && Number.isFinite(seconds) ? seconds * 1000 : undefined,
    faults: [],
    // Present from the start, so that assertions can say that they are undefined.
    job: undefined,
    status: undefined,
    answeredAt: undefined,
    clientLeftAt: undefined,
  };
}
