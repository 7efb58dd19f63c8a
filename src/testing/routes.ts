/** What a request asks for. `unknown` is a path or method that Google does not have; it is answered 404. */
export type Route =
  | 'create'
  | 'get'
  | 'stream'
  | 'cancel'
  | 'delete'
  | 'predict'
  | 'generateContent'
  | 'file'
  | 'batch-create'
  | 'batch-get'
  | 'batch-list'
  | 'batch-cancel'
  | 'batch-delete'
  | 'unknown';

/** A path taken apart. */
export interface RouteMatch {
  readonly route: Route;
  /** `v1beta`, `v1`, …; undefined when the path is none of ours. */
  readonly version?: string;
  /** Id of an interaction, of a file or of a batch. */
  readonly id?: string;
  /** Model in the path of `:predict`, `:generateContent` and `:batchGenerateContent`. */
  readonly model?: string;
  /** Where batches are: `batches`, or on Vertex `projects/…/locations/…/batchPredictionJobs`. */
  readonly collection?: string;
}

const VERTEX = String.raw`(?:/projects/[^/]+/locations/[^/]+)?`;
const INTERACTIONS = new RegExp(String.raw`^/(v[^/]+)${VERTEX}/interactions(?:/([^/:]+)(/cancel)?)?$`);
const MODELS = new RegExp(
  String.raw`^/(v[^/]+)${VERTEX}(?:/publishers/google)?/models/([^/:]+):(predict|generateContent)$`,
);
const BATCH_CREATE = /^\/(v[^/]+)\/models\/([^/:]+):batchGenerateContent$/;
const BATCHES = new RegExp(
  String.raw`^/(v[^/]+)/(batches|projects/[^/]+/locations/[^/]+/batchPredictionJobs)(?:/([^/:]+)(:cancel)?)?$`,
);
const FILES = /^\/(v[^/]+)\/files\/([^/:]+):download$/;

/**
 * Which route a request takes. Gemini paths and Vertex paths (`/projects/{p}/locations/{l}/…`) are the same here, except
 * for batches, which Vertex has under another name.
 */
export function matchRoute(method: string, url: URL): RouteMatch {
  const interactions = INTERACTIONS.exec(url.pathname);
  if (interactions) return matchInteractions(method, url, interactions);
  const models = MODELS.exec(url.pathname);
  if (models && method === 'POST') {
    return { route: models[3] as 'predict' | 'generateContent', ...version(models[1]), model: decode(models[2]) };
  }
  const batch = BATCH_CREATE.exec(url.pathname);
  if (batch && method === 'POST') {
    return { route: 'batch-create', ...version(batch[1]), model: decode(batch[2]), collection: 'batches' };
  }
  const batches = BATCHES.exec(url.pathname);
  if (batches) return matchBatches(method, batches);
  const files = FILES.exec(url.pathname);
  if (files && method === 'GET') return { route: 'file', ...version(files[1]), id: decode(files[2]) };
  return { route: 'unknown' };
}

function matchInteractions(method: string, url: URL, parts: RegExpExecArray): RouteMatch {
  const id = parts[2] === undefined ? undefined : decode(parts[2]);
  const route = interactionsRoute(method, url, id, parts[3] !== undefined);
  return { route, ...version(parts[1]), ...(id !== undefined && { id }) };
}

function interactionsRoute(method: string, url: URL, id: string | undefined, cancel: boolean): Route {
  // There is no list endpoint: GET on the collection is unknown.
  if (id === undefined) return method === 'POST' ? 'create' : 'unknown';
  if (cancel) return method === 'POST' ? 'cancel' : 'unknown';
  if (method === 'DELETE') return 'delete';
  if (method !== 'GET') return 'unknown';
  return url.searchParams.get('stream') === 'true' ? 'stream' : 'get';
}

function matchBatches(method: string, [, name, collection = '', id, cancel]: RegExpExecArray): RouteMatch {
  const route = batchRoute(method, collection, id, cancel !== undefined);
  return { route, ...version(name), collection, ...(id !== undefined && { id: decode(id) }) };
}

function batchRoute(method: string, collection: string, id: string | undefined, cancel: boolean): Route {
  if (id === undefined && method === 'GET') return 'batch-list';
  // A Gemini batch is created at its model.
  if (id === undefined) return method === 'POST' && collection !== 'batches' ? 'batch-create' : 'unknown';
  if (cancel) return method === 'POST' ? 'batch-cancel' : 'unknown';
  if (method === 'DELETE') return 'batch-delete';
  return method === 'GET' ? 'batch-get' : 'unknown';
}

const version = (name: string | undefined): { version?: string } => (name === undefined ? {} : { version: name });

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return part ?? '';
  }
}
