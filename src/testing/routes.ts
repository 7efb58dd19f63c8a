/** What a request asks for. `unknown` is a path or method that Google does not have; it is answered 404. */
export type Route =
  'create' | 'get' | 'stream' | 'cancel' | 'delete' | 'predict' | 'generateContent' | 'file' | 'unknown';

/** A path taken apart. */
export interface RouteMatch {
  readonly route: Route;
  /** `v1beta`, `v1`, …; undefined when the path is none of ours. */
  readonly version?: string;
  /** Id of an interaction, or of a file. */
  readonly id?: string;
  /** Model in the path of `:predict` and `:generateContent`. */
  readonly model?: string;
}

const VERTEX = String.raw`(?:/projects/[^/]+/locations/[^/]+)?`;
const INTERACTIONS = new RegExp(String.raw`^/(v[^/]+)${VERTEX}/interactions(?:/([^/:]+)(/cancel)?)?$`);
const MODELS = new RegExp(
  String.raw`^/(v[^/]+)${VERTEX}(?:/publishers/google)?/models/([^/:]+):(predict|generateContent)$`,
);
const FILES = /^\/(v[^/]+)\/files\/([^/:]+):download$/;

/** Which route a request takes; Gemini paths and Vertex paths (`/projects/{p}/locations/{l}/…`) are the same here. */
export function matchRoute(method: string, url: URL): RouteMatch {
  const interactions = INTERACTIONS.exec(url.pathname);
  if (interactions) return matchInteractions(method, url, interactions);
  const models = MODELS.exec(url.pathname);
  if (models && method === 'POST') {
    return { route: models[3] as 'predict' | 'generateContent', ...version(models[1]), model: decode(models[2]) };
  }
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

const version = (name: string | undefined): { version?: string } => (name === undefined ? {} : { version: name });

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return part ?? '';
  }
}
