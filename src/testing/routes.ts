const PARENT = 'projects/[^/]+/locations/[^/]+';
const VERSION = '/(?<version>v[^/]+)';
const ID = '/(?<id>[^/:]+)';
const INTERACTIONS = `${VERSION}(?:/${PARENT})?/interactions`;
const MODEL = `${VERSION}(?:/${PARENT})?(?:/publishers/google)?/models/(?<model>[^/:]+)`;
const BATCHES = `${VERSION}/(?<collection>batches|${PARENT}/batchPredictionJobs)`;
const FILE = `(?:/download)?${VERSION}/files${ID}`;

// Gemini paths and Vertex paths are the same here, except for batches: a Gemini batch is created at its model.
const PATHS = [
  ['create', 'POST', INTERACTIONS],
  ['get', 'GET', INTERACTIONS + ID],
  ['cancel', 'POST', `${INTERACTIONS}${ID}/cancel`],
  ['delete', 'DELETE', INTERACTIONS + ID],
  ['predict', 'POST', `${MODEL}:predict`],
  ['generateContent', 'POST', `${MODEL}:generateContent`],
  ['streamGenerateContent', 'POST', `${MODEL}:streamGenerateContent`],
  ['model-get', 'GET', MODEL],
  ['batch-create', 'POST', `${VERSION}/models/(?<model>[^/:]+):batchGenerateContent`],
  ['batch-create', 'POST', `${VERSION}/(?<collection>${PARENT}/batchPredictionJobs)`],
  ['batch-get', 'GET', BATCHES + ID],
  ['batch-list', 'GET', BATCHES],
  ['batch-cancel', 'POST', `${BATCHES}${ID}:cancel`],
  ['batch-delete', 'DELETE', BATCHES + ID],
  ['file', 'GET', `${FILE}:download`],
  ['file-get', 'GET', FILE],
  ['jwks', 'GET', '/\\.well-known/jwks\\.json'],
  ['file-upload', 'POST', `/upload${VERSION}/files/?`],
] as const;

/** The target of a request. `file` is the download of one. `unknown` is a path or method that Google does not have: 404. */
export type Route = (typeof PATHS)[number][0] | 'stream' | 'unknown';

export const ROUTES: readonly Route[] = [...new Set(PATHS.map(([route]) => route)), 'stream', 'unknown'];
export const CREATES: Route[] = ['create', 'predict', 'generateContent', 'streamGenerateContent', 'batch-create'];
/** Tells whether a route is one of interactions, whose errors have a form of their own. */
export const isInteraction = (route: Route): boolean => ['create', 'get', 'stream', 'cancel', 'delete'].includes(route);

export interface RouteMatch {
  readonly route: Route;
  /** `v1beta`, `v1`, …; undefined when the path is none of ours. */
  readonly version?: string | undefined;
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  /** The collection of batches: `batches`, or on Vertex `projects/…/locations/…/batchPredictionJobs`. */
  readonly collection?: string | undefined;
}

const PATTERNS = PATHS.map(([route, method, path]) => ({ route, method, path: new RegExp(`^${path}$`) }));

export function matchRoute(method: string, { pathname, searchParams }: URL): RouteMatch {
  const found = PATTERNS.find((one) => one.method === method && one.path.test(pathname));
  if (found === undefined) return { route: 'unknown' };
  const { version, id, model, collection = 'batches' } = found.path.exec(pathname)?.groups ?? {};
  const route = found.route === 'get' && searchParams.get('stream') === 'true' ? 'stream' : found.route;
  const ofBatches = route.startsWith('batch-') && { collection };
  return { route, version, id: decode(id), model: decode(model), ...ofBatches };
}

function decode(part: string | undefined): string | undefined {
  try {
    return part && decodeURIComponent(part);
  } catch {
    return part;
  }
}
