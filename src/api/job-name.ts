import { expected } from '../util/expected.js';
import { compact } from '../util/json.js';

/** An id becomes part of a path: a record that was tampered with must not lead to another path. */
const ID = '(?!\\.{1,2}(?:/|$))[\\w.~:=+@-]{1,512}';

/** The backends, with the names of their jobs. `models` gives its jobs none. */
const JOB_NAMES = {
  interactions: [`interactions/(?<id>${ID})`],
  batches: [`(?<id>batches/${ID})`, `(?<id>projects/${ID}/locations/(?<location>${ID})/batchPredictionJobs/${ID})`],
  models: [],
} satisfies Record<string, readonly string[]>;

/** Part of the API that runs the jobs. `batches` take hours and cost half. The server cannot cancel `models`. */
export type BackendName = keyof typeof JOB_NAMES;

export const BACKENDS = Object.keys(JOB_NAMES) as readonly BackendName[];

const PATTERNS = BACKENDS.flatMap((backend) =>
  JOB_NAMES[backend].map((pattern) => ({ backend, pattern: new RegExp(`^${pattern}$`) })),
);

/** Tells whether the jobs of a backend have no name, so that nothing can be asked about them. */
export function isFireAndForget(backend: BackendName): boolean {
  return JOB_NAMES[backend].length === 0;
}

/** Takes a job's name apart; `undefined` if it cannot be one. The `id` of a batch is its whole name. */
export function parseJobName(name: unknown) {
  if (typeof name !== 'string') return undefined;
  for (const { backend, pattern } of PATTERNS) {
    const { id, location } = pattern.exec(name)?.groups ?? {};
    if (id !== undefined) return compact({ backend, id, location });
  }
  return undefined;
}

/** Whether a server's name for a job can be one. */
export function isJobName(backend: BackendName, name: unknown): name is string {
  return parseJobName(name)?.backend === backend;
}

/** Reads the name of a job. Throws a `TypeError` if it cannot be one. */
export function expectJobName(option: string, name: unknown) {
  const parsed = parseJobName(name);
  if (parsed !== undefined) return parsed;
  const what =
    "the name of a job, such as 'interactions/abc', 'batches/abc' or 'projects/p/locations/l/batchPredictionJobs/1'";
  throw new TypeError(expected(option, what, name));
}
