import { expected } from '../util/expected.js';
import {
  expectChoice,
  expectList,
  expectMatch,
  expectObject,
  expectText,
  expectTime,
  MAX_ENTRIES,
  optional,
} from '../util/readers.js';
import { expectJobName, parseJobName } from './job-name.js';

/** Which part of the API runs the jobs, after the SDK module it uses. */
export type BackendName = 'interactions' | 'batches' | 'models';

/**
 * Where one job stands.
 *
 * - `waiting`: nothing was sent yet. `submitting`: the create is on its way, the name not known.
 * - `queued`, `running`: the server has it.
 * - `succeeded` (with an image or a refusal), `failed`, `cancelled`: how the server said it ended.
 * - `not-started`: it was never sent, or the server refused it. `unknown`: it may be running, nobody can tell.
 */
export type JobState =
  'waiting' | 'submitting' | 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'not-started' | 'unknown';

/** Which job, and how it stood at a moment: plain data, safe to store and to log. */
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
  /** Where the server writes what the job makes, if that is not in its own answer: `gs://…` or `bq://…`. */
  readonly results?: string;
}

/** One job of an operation as it stood at a moment. */
export interface JobSnapshot extends JobReference {
  /** Why it has no image. */
  readonly error?: Error;
}

/** An operation as plain data: what is needed to find its jobs again. No prompt, key, header or image. */
export interface OperationSnapshot {
  /** Version of this shape. */
  readonly version: 1;
  /** Unique to the operation, and the same for whoever attaches to it. */
  readonly id: string;
  /** The `tag` option. */
  readonly tag?: string;
  readonly backend: BackendName;
  readonly model: string;
  /** Where its jobs are: names mean nothing elsewhere. */
  readonly server: ServerReference;
  /** When it was started, in ms since the epoch. */
  readonly startedAt: number;
  readonly jobs: readonly JobReference[];
}

/** Which server a client talks to, in the words of its options. */
export interface ServerReference {
  readonly vertexai: boolean;
  /** Scheme, host and port of its base URL, where that is known. */
  readonly origin?: string;
  /** On Vertex. */
  readonly project?: string;
  /** On Vertex. */
  readonly location?: string;
}

const ID = /^[0-9a-z-]{1,64}$/;
const DISPLAY_NAME = /^genai-cancel-[0-9a-f]{32}$/;

const backends: readonly BackendName[] = ['interactions', 'batches', 'models'];
const states: readonly JobState[] = [
  'waiting',
  'submitting',
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'not-started',
  'unknown',
];

/**
 * Reads what `toJSON()` has written, wherever it has been since. What is not known is left out, so that a later version may
 * add to it. Throws a `TypeError` that says what is wrong where.
 */
export function parseSnapshot(value: unknown, name = 'snapshot'): OperationSnapshot {
  const snapshot = expectObject(name, value);
  if (snapshot['version'] !== 1) throw new TypeError(expected(`${name}.version`, '1', snapshot['version']));
  const tag = optional(snapshot['tag'], (tag) => expectText(`${name}.tag`, tag));
  return {
    version: 1,
    id: expectMatch(`${name}.id`, snapshot['id'], ID, 'an id of 1 to 64 of the letters 0-9, a-z and -'),
    ...(tag === undefined ? {} : { tag }),
    backend: expectChoice(`${name}.backend`, snapshot['backend'], backends),
    model: expectText(`${name}.model`, snapshot['model']),
    server: parseServer(`${name}.server`, snapshot['server']),
    startedAt: expectTime(`${name}.startedAt`, snapshot['startedAt']),
    jobs: expectList(`${name}.jobs`, snapshot['jobs'], parseJob),
  };
}

function parseServer(name: string, value: unknown): ServerReference {
  const server = expectObject(name, value);
  const { vertexai } = server;
  if (typeof vertexai !== 'boolean') throw new TypeError(expected(`${name}.vertexai`, 'a boolean', vertexai));
  const text = (key: 'origin' | 'project' | 'location'): Partial<Record<typeof key, string>> => {
    const found = optional(server[key], (given) => expectText(`${name}.${key}`, given));
    return found === undefined ? {} : { [key]: found };
  };
  return { vertexai, ...text('origin'), ...text('project'), ...text('location') };
}

function parseJob(name: string, value: unknown): JobReference {
  const job = expectObject(name, value);
  const backend = expectChoice(`${name}.backend`, job['backend'], backends);
  const indices = optional(job['indices'], (given) => expectList(`${name}.indices`, given, expectIndex));
  const displayName = optional(job['displayName'], (given) =>
    expectMatch(`${name}.displayName`, given, DISPLAY_NAME, "a display name that begins with 'genai-cancel-'"),
  );
  const jobName = optional(job['name'], (given) => {
    expectJobName(`${name}.name`, given);
    return given as string;
  });
  if (jobName !== undefined && parseJobName(jobName)?.backend !== backend) {
    throw new TypeError(expected(`${name}.name`, `the name of a job of the backend ${backend}`, jobName));
  }
  const lastStatus = optional(job['lastStatus'], (given) => expectText(`${name}.lastStatus`, given));
  const results = optional(job['results'], (given) => expectText(`${name}.results`, given));
  return {
    index: expectIndex(`${name}.index`, job['index']),
    ...(indices === undefined ? {} : { indices }),
    backend,
    ...(jobName === undefined ? {} : { name: jobName }),
    ...(displayName === undefined ? {} : { displayName }),
    state: expectChoice(`${name}.state`, job['state'], states),
    ...(lastStatus === undefined ? {} : { lastStatus }),
    ...(results === undefined ? {} : { results }),
  };
}

function expectIndex(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < MAX_ENTRIES) return value;
  throw new TypeError(expected(name, `an integer from 0 to ${MAX_ENTRIES - 1}`, value));
}
