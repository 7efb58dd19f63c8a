import * as util from '../util/expected.js';
import { BACKENDS, expectJobName, parseJobName, type BackendName } from './job-name.js';

const RUNNING = ['waiting', 'submitting', 'queued', 'running'] as const;
const ENDED = ['succeeded', 'failed', 'cancelled', 'not-started', 'unknown'] as const;
const STATES = [...RUNNING, ...ENDED];

/**
 * State of one job:
 * - `waiting`: nothing was sent yet. `submitting`: the create is on its way, the name not known.
 * - `queued`, `running`: the server has it.
 * - `succeeded` (with an image or a refusal), `failed`, `cancelled`: how the server said it ended.
 * - `not-started`: it was never sent, or the server refused it. `unknown`: it may be running.
 */
export type JobState = (typeof STATES)[number];

/** A job as it stood at a moment: plain data, safe to store and to log. */
export interface JobReference {
  /** Position of its first image in the response. */
  readonly index: number;
  /** Positions of all its images, where it makes more than one. */
  readonly indices?: readonly number[];
  readonly backend: BackendName;
  /** `interactions/…`, from the moment the server accepted the job. */
  readonly name?: string;
  /** Of a batch: the display name that it was created with, to find it by in `ai.batches.list()`. */
  readonly displayName?: string;
  readonly state: JobState;
  /** The last status in the server's own words. */
  readonly lastStatus?: string;
  /** The address to which the server writes the images, if they are not in its own answer: `gs://…` or `bq://…`. */
  readonly results?: string;
}

/** One job of an operation as it stood at a moment. */
export interface JobSnapshot extends JobReference {
  /** Why it has no image. */
  readonly error?: Error;
}

/** An operation as plain data, to find its jobs again. It holds no prompt, key, header or image. */
export interface OperationSnapshot {
  /** Version of this shape. */
  readonly version: 1;
  /** Unique to the operation, and the same after `attach()`. */
  readonly id: string;
  /** The `tag` option. */
  readonly tag?: string;
  readonly backend: BackendName;
  readonly model: string;
  /** The server of its jobs: names mean nothing elsewhere. */
  readonly server: ServerReference;
  /** When it was started, in ms since the epoch. */
  readonly startedAt: number;
  readonly jobs: readonly JobReference[];
}

/** The server that a client talks to, in the words of its options. */
export interface ServerReference {
  readonly vertexai: boolean;
  /** Scheme, host and port of its base URL, where that is known. */
  readonly origin?: string;
  /** Path of its base URL, which a gateway may tell teams apart by. */
  readonly path?: string;
  /** On Vertex. */
  readonly project?: string;
  /** On Vertex. */
  readonly location?: string;
}

/** Returns the option in which two servers differ; `undefined` if names of one mean the same to the other. */
export function differenceOf(wanted: ServerReference, given: ServerReference): keyof ServerReference | undefined {
  for (const key of ['vertexai', 'origin', 'path', 'project', 'location'] as const) {
    const [one, other] = [wanted[key], given[key]];
    // A value that is not known makes no difference.
    if (one !== undefined && other !== undefined && one !== other) return key;
  }
  return undefined;
}

/** Reads a snapshot of unknown origin, without the fields that a later version may add. Throws a `TypeError`. */
export function parseSnapshot(value: unknown, name = 'snapshot'): OperationSnapshot {
  return util.expectFields(name, value, snapshotFields, { tag: text });
}

const expectFlag = util.reader('a boolean', (value) => typeof value === 'boolean');
const expectIndex = util.reader(`an integer from 0 to ${util.MAX_ENTRIES - 1}`, (value): value is number => {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < util.MAX_ENTRIES;
});
const backendOf = (path: string, value: unknown): BackendName => util.expectChoice(path, value, BACKENDS);

const text = util.expectText;
const serverTexts = { origin: text, path: text, project: text, location: text };

const snapshotFields = {
  version: util.reader('1', (value) => value === 1),
  id: util.matching(/^[0-9a-z-]{1,64}$/, 'an id of 1 to 64 of the letters 0-9, a-z and -'),
  backend: backendOf,
  model: text,
  server: (path: string, value: unknown) => util.expectFields(path, value, { vertexai: expectFlag }, serverTexts),
  startedAt: util.expectTime,
  jobs: (path: string, value: unknown) => util.expectList(path, value, parseJob),
};

const jobFields = {
  index: expectIndex,
  backend: backendOf,
  state: (path: string, value: unknown) => util.expectChoice(path, value, STATES),
};

const optionalJobFields = {
  indices: (path: string, value: unknown) => util.expectList(path, value, expectIndex),
  name: (path: string, value: unknown) => {
    expectJobName(path, value);
    return value as string;
  },
  displayName: util.matching(/^genai-cancel-[0-9a-f]{32}$/, "a display name that begins with 'genai-cancel-'"),
  lastStatus: text,
  results: text,
};

function parseJob(path: string, value: unknown): JobReference {
  const job = util.expectFields(path, value, jobFields, optionalJobFields);
  if (job.name === undefined || parseJobName(job.name)?.backend === job.backend) return job;
  throw new TypeError(util.expected(`${path}.name`, `the name of a job of the backend ${job.backend}`, job.name));
}
