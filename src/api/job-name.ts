import { expected } from '../util/expected.js';

/** A job's name taken apart. */
export interface JobName {
  readonly backend: 'interactions' | 'batches';
  /** The id within its backend: the whole name for batches. */
  readonly id: string;
  /** Of a batch on Vertex: where it runs. */
  readonly location?: string;
}

/** Characters of ids. An id becomes part of a path: a record that was tampered with must not lead to another path. */
const ID = '(?!\\.{1,2}(?:/|$))[\\w.~:=+@-]{1,512}';
const INTERACTION = new RegExp(`^interactions/(${ID})$`);
const BATCH = new RegExp(`^batches/${ID}$`);
const VERTEX_BATCH = new RegExp(`^projects/${ID}/locations/(${ID})/batchPredictionJobs/${ID}$`);

/** Reads the name of a job; `undefined` if it cannot be one. */
export function parseJobName(name: unknown): JobName | undefined {
  if (typeof name !== 'string') return undefined;
  const [, interaction] = INTERACTION.exec(name) ?? [];
  if (interaction !== undefined) return { backend: 'interactions', id: interaction };
  if (BATCH.test(name)) return { backend: 'batches', id: name };
  const [, location] = VERTEX_BATCH.exec(name) ?? [];
  return location === undefined ? undefined : { backend: 'batches', id: name, location };
}

/** Whether a server's name for a job can be one. */
export function isJobName(backend: JobName['backend'], name: unknown): name is string {
  return parseJobName(name)?.backend === backend;
}

/** Reads the name of a job. Throws a `TypeError` if it cannot be one. */
export function expectJobName(option: string, name: unknown): JobName {
  const parsed = parseJobName(name);
  if (parsed !== undefined) return parsed;
  const what =
    "the name of a job, such as 'interactions/abc', 'batches/abc' or 'projects/p/locations/l/batchPredictionJobs/1'";
  throw new TypeError(expected(option, what, name));
}
