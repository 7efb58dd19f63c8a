import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../../src/api/snapshot.js';

const job = {
  index: 0,
  indices: [0, 1],
  backend: 'batches',
  name: 'batches/1',
  displayName: `genai-cancel-${'0a'.repeat(16)}`,
  state: 'running',
  lastStatus: 'JOB_STATE_RUNNING',
  results: 'gs://b',
};
const server = { vertexai: true, origin: 'https://host', project: 'p', location: 'l' };
const snapshot = {
  version: 1,
  id: 'an-id-0',
  tag: 'order 7',
  backend: 'batches',
  model: 'a-model',
  server,
  startedAt: 0,
  jobs: [job],
};
const jobWith = (fields: object): unknown => parseSnapshot({ ...snapshot, jobs: [{ ...job, ...fields }] }).jobs[0];

describe('parseSnapshot()', () => {
  it('reads everything that is known, and leaves out what is not', () => {
    const more = {
      ...snapshot,
      prompt: 'x',
      server: { ...server, key: 'x' },
      jobs: [{ ...job, prompt: 'x', createdTwice: true }],
    };
    expect(parseSnapshot(more)).toStrictEqual(snapshot);
  });

  it.each([undefined, null])('takes what is %s for missing', (nothing) => {
    const bare = { index: 0, backend: 'models', state: 'waiting' };
    const optionalOfJob = ['indices', 'name', 'displayName', 'lastStatus', 'results'];
    const without = (names: string[]): object => Object.fromEntries(names.map((name) => [name, nothing]));
    expect(
      parseSnapshot({
        ...snapshot,
        tag: nothing,
        server: { vertexai: false, ...without(['origin', 'project', 'location']) },
        jobs: [{ ...bare, ...without(optionalOfJob) }],
      }),
    ).toStrictEqual({
      version: 1,
      id: 'an-id-0',
      backend: 'batches',
      model: 'a-model',
      server: { vertexai: false },
      startedAt: 0,
      jobs: [bare],
    });
  });

  it.each<[object, string]>([
    [{ version: '1' }, '`snapshot.version` to be 1, got a string'],
    [{ id: 'An id' }, '`snapshot.id` to be an id of 1 to 64 of the letters 0-9, a-z and -, got a string'],
    [{ id: 'x'.repeat(65) }, '`snapshot.id`'],
    [{ id: '' }, '`snapshot.id`'],
    [{ id: 7 }, '`snapshot.id`'],
    [{ tag: '' }, '`snapshot.tag` to be a string, got an empty string'],
    [{ backend: 'x' }, "`snapshot.backend` to be one of 'interactions', 'batches', 'models'"],
    [{ model: '' }, '`snapshot.model` to be a string'],
    [{ server: { vertexai: 1 } }, '`snapshot.server.vertexai` to be a boolean'],
    [{ server: { ...server, origin: 7 } }, '`snapshot.server.origin` to be a string'],
    [{ server: { ...server, project: 7 } }, '`snapshot.server.project` to be a string'],
    [{ server: { ...server, location: 7 } }, '`snapshot.server.location` to be a string'],
    [{ startedAt: -1 }, '`snapshot.startedAt` to be a time in ms since the epoch'],
    [{ jobs: 'x' }, '`snapshot.jobs` to be a list'],
    [{ jobs: ['x'] }, '`snapshot.jobs[0]` to be an object'],
    [{ jobs: [[]] }, '`snapshot.jobs[0]` to be an object'],
  ])('refuses %o', (fields, message) => {
    expect(() => parseSnapshot({ ...snapshot, ...fields })).toThrow(TypeError);
    expect(() => parseSnapshot({ ...snapshot, ...fields })).toThrow(message);
  });

  it.each<[object, string]>([
    [{ index: 1.5 }, '.index` to be an integer from 0 to 99999'],
    [{ index: '0' }, '.index`'],
    [{ index: 100_000 }, '.index`'],
    [{ indices: 7 }, '.indices` to be a list'],
    [{ indices: [0, 'x'] }, '.indices[1]`'],
    [{ backend: 'mine' }, ".backend` to be one of 'interactions', 'batches', 'models'"],
    [{ name: 'x' }, '.name` to be the name of a job'],
    [{ name: 'interactions/1' }, '.name` to be the name of a job of the backend batches'],
    [{ displayName: 'mine' }, ".displayName` to be a display name that begins with 'genai-cancel-'"],
    [{ displayName: `${job.displayName}0` }, '.displayName`'],
    [{ displayName: `x${job.displayName}` }, '.displayName`'],
    [{ state: 'lost' }, ".state` to be one of 'waiting', 'submitting', 'queued', 'running', 'succeeded', 'failed', "],
    [{ lastStatus: 7 }, '.lastStatus` to be a string'],
    [{ results: 7 }, '.results` to be a string'],
  ])('refuses a job with %o', (fields, message) => {
    expect(() => jobWith(fields)).toThrow(`Expected \`snapshot.jobs[0]${message}`);
  });

  it('reads what is just within bounds', () => {
    expect(parseSnapshot({ ...snapshot, id: 'x'.repeat(64) }).id).toHaveLength(64);
    expect(jobWith({ index: 99_999 })).toMatchObject({ index: 99_999 });
    for (const state of ['waiting', 'submitting', 'queued', 'running', 'succeeded', 'failed', 'cancelled']) {
      expect(jobWith({ state })).toMatchObject({ state });
    }
    for (const state of ['not-started', 'unknown']) expect(jobWith({ state })).toMatchObject({ state });
  });
});
