const INTERACTIONS = ['create', 'get', 'stream', 'cancel', 'delete'] as const;
const MODELS = ['predict', 'generateContent', 'streamGenerateContent', 'model-get'] as const;
const BATCHES = ['batch-create', 'batch-get', 'batch-list', 'batch-cancel', 'batch-delete'] as const;
const FILES = ['file', 'file-get', 'file-upload'] as const;
export const ROUTES = [...INTERACTIONS, ...MODELS, ...BATCHES, ...FILES, 'unknown'] as const;

/** The target of a request. `file` is the download of one. `unknown` is a path or method that Google does not have: 404. */
export type Route = (typeof ROUTES)[number];

/** Routes on which a request makes a job. */
export const CREATES = ['create', 'predict', 'generateContent', 'streamGenerateContent', 'batch-create'] as const;

export const isIn = (routes: readonly Route[], route: Route): boolean => routes.includes(route);

/** Tells whether a route is one of interactions, whose errors have a form of their own. */
export const isInteraction = (route: Route): boolean => isIn(INTERACTIONS, route);

/** A path taken apart. */
export interface RouteMatch {
  readonly route: Route;
  /** `v1beta`, `v1`, …; undefined when the path is none of ours. */
  readonly version?: string | undefined;
  /** Id of an interaction, of a file or of a batch. */
  readonly id?: string | undefined;
  /** Model in the path. */
  readonly model?: string;
  /** The collection of batches: `batches`, or on Vertex `projects/…/locations/…/batchPredictionJobs`. */
  readonly collection?: string;
}

const VERTEX = String.raw`(?:/projects/[^/]+/locations/[^/]+)?`;
const INTERACTION_PATH = new RegExp(String.raw`^/(v[^/]+)${VERTEX}/interactions(?:/([^/:]+)(/cancel)?)?$`);
const MODEL_PATH = new RegExp(
  String.raw`^/(v[^/]+)${VERTEX}(?:/publishers/google)?/models/([^/:]+)(?::(predict|generateContent|streamGenerateContent))?$`,
);
const BATCH_CREATE_PATH = /^\/(v[^/]+)\/models\/([^/:]+):batchGenerateContent$/;
const BATCH_PATH = new RegExp(
  String.raw`^/(v[^/]+)/(batches|projects/[^/]+/locations/[^/]+/batchPredictionJobs)(?:/([^/:]+)(:cancel)?)?$`,
);
const FILE_PATH = /^(?:\/download)?\/(v[^/]+)\/files\/([^/:]+)(:download)?$/;
const UPLOAD_PATH = /^\/upload\/(v[^/]+)\/files\/?$/;

/**
 * Which route a request takes. Gemini paths and Vertex paths (`/projects/{p}/locations/{l}/…`) are the same here, except
 * for batches, which Vertex has under another name.
 */
export function matchRoute(method: string, url: URL): RouteMatch {
  const interactions = INTERACTION_PATH.exec(url.pathname);
  if (interactions) return matchInteractions(method, url, interactions);
  const models = MODEL_PATH.exec(url.pathname);
  if (models) return matchModels(method, models);
  const batch = BATCH_CREATE_PATH.exec(url.pathname);
  if (batch && method === 'POST') {
    return { route: 'batch-create', version: batch[1], model: decode(batch[2]), collection: 'batches' };
  }
  const batches = BATCH_PATH.exec(url.pathname);
  if (batches) return matchBatches(method, batches);
  return matchFiles(method, url);
}

function matchModels(method: string, [, version, model, action]: RegExpExecArray): RouteMatch {
  if (method !== (action === undefined ? 'GET' : 'POST')) return { route: 'unknown' };
  return { route: (action ?? 'model-get') as Route, version, model: decode(model) };
}

function matchFiles(method: string, { pathname }: URL): RouteMatch {
  const upload = UPLOAD_PATH.exec(pathname);
  if (upload && method === 'POST') return { route: 'file-upload', version: upload[1] };
  const file = FILE_PATH.exec(pathname);
  if (!file || method !== 'GET') return { route: 'unknown' };
  return { route: file[3] === undefined ? 'file-get' : 'file', version: file[1], id: decode(file[2]) };
}

function matchInteractions(method: string, url: URL, parts: RegExpExecArray): RouteMatch {
  const id = parts[2] === undefined ? undefined : decode(parts[2]);
  const route = interactionsRoute(method, url, id, parts[3] !== undefined);
  return { route, version: parts[1], id };
}

function interactionsRoute(method: string, url: URL, id: string | undefined, cancel: boolean): Route {
  // There is no list endpoint: GET on the collection is unknown.
  if (id === undefined) return method === 'POST' ? 'create' : 'unknown';
  if (cancel) return method === 'POST' ? 'cancel' : 'unknown';
  if (method === 'DELETE') return 'delete';
  if (method !== 'GET') return 'unknown';
  return url.searchParams.get('stream') === 'true' ? 'stream' : 'get';
}

function matchBatches(method: string, [, version, collection = '', id, cancel]: RegExpExecArray): RouteMatch {
  const route = batchRoute(method, collection, id, cancel !== undefined);
  return { route, version, collection, id: id === undefined ? undefined : decode(id) };
}

function batchRoute(method: string, collection: string, id: string | undefined, cancel: boolean): Route {
  if (id === undefined && method === 'GET') return 'batch-list';
  // A Gemini batch is created at its model.
  if (id === undefined) return method === 'POST' && collection !== 'batches' ? 'batch-create' : 'unknown';
  if (cancel) return method === 'POST' ? 'batch-cancel' : 'unknown';
  if (method === 'DELETE') return 'batch-delete';
  return method === 'GET' ? 'batch-get' : 'unknown';
}

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return part ?? '';
  }
}
