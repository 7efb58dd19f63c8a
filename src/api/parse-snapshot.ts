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
import type { BackendName, JobReference, JobState } from './job-snapshot.js';
import type { OperationSnapshot, ServerReference } from './snapshot.js';

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
  const text = (key: 'origin' | 'path' | 'project' | 'location'): Partial<Record<typeof key, string>> => {
    const found = optional(server[key], (given) => expectText(`${name}.${key}`, given));
    return found === undefined ? {} : { [key]: found };
  };
  return { vertexai, ...text('origin'), ...text('path'), ...text('project'), ...text('location') };
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
