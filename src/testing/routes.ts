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
  readonly model?: string | undefined;
  /** The collection of batches: `batches`, or on Vertex `projects/…/locations/…/batchPredictionJobs`. */
  readonly collection?: string | undefined;
}

const PARENT = 'projects/[^/]+/locations/[^/]+';
const VERSION = '/(?<version>v[^/]+)';
const ID = '/(?<id>[^/:]+)';
const INTERACTIONS_PATH = `${VERSION}(?:/${PARENT})?/interactions`;
const MODEL_PATH = `${VERSION}(?:/${PARENT})?(?:/publishers/google)?/models/(?<model>[^/:]+)`;
const BATCHES_PATH = `${VERSION}/(?<collection>batches|${PARENT}/batchPredictionJobs)`;
const FILE_PATH = `(?:/download)?${VERSION}/files${ID}`;

/**
 * The method and the path of each route. Gemini paths and Vertex paths (`/projects/{p}/locations/{l}/…`) are the same here,
 * except for batches: a Gemini batch is created at its model. There is no list of interactions.
 */
const PATHS = (
  [
    ['create', 'POST', INTERACTIONS_PATH],
    ['get', 'GET', INTERACTIONS_PATH + ID],
    ['cancel', 'POST', `${INTERACTIONS_PATH}${ID}/cancel`],
    ['delete', 'DELETE', INTERACTIONS_PATH + ID],
    ['predict', 'POST', `${MODEL_PATH}:predict`],
    ['generateContent', 'POST', `${MODEL_PATH}:generateContent`],
    ['streamGenerateContent', 'POST', `${MODEL_PATH}:streamGenerateContent`],
    ['model-get', 'GET', MODEL_PATH],
    ['batch-create', 'POST', `${VERSION}/models/(?<model>[^/:]+):batchGenerateContent`],
    ['batch-create', 'POST', `${VERSION}/(?<collection>${PARENT}/batchPredictionJobs)`],
    ['batch-get', 'GET', BATCHES_PATH + ID],
    ['batch-list', 'GET', BATCHES_PATH],
    ['batch-cancel', 'POST', `${BATCHES_PATH}${ID}:cancel`],
    ['batch-delete', 'DELETE', BATCHES_PATH + ID],
    ['file', 'GET', `${FILE_PATH}:download`],
    ['file-get', 'GET', FILE_PATH],
    ['file-upload', 'POST', `/upload${VERSION}/files/?`],
  ] as const
).map(([route, method, path]) => ({ route, method, path: new RegExp(`^${path}$`) }));

/** Finds the route that a request takes. */
export function matchRoute(method: string, { pathname, searchParams }: URL): RouteMatch {
  const found = PATHS.find((one) => one.method === method && one.path.test(pathname));
  if (found === undefined) return { route: 'unknown' };
  const { version, id, model, collection = 'batches' } = found.path.exec(pathname)?.groups ?? {};
  const route = found.route === 'get' && searchParams.get('stream') === 'true' ? 'stream' : found.route;
  const ofBatches = route.startsWith('batch-') && { collection };
  return { route, version, id: id && decode(id), ...(model !== undefined && { model: decode(model) }), ...ofBatches };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
