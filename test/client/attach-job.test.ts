import { describe, expect, it } from 'vitest';
import { existingJob, existingOperation } from '../../src/client/attach.js';
import type { FireAndForgetBackend } from '../../src/google/port.js';
import type { GenAIClient } from '../../src/google/sdk.js';
import type { JobReference, OperationSnapshot } from '../../src/api/snapshot.js';
import { setup } from '../support/setup.js';

const VERTEX_BATCH = 'projects/a-project/locations/global/batchPredictionJobs/1';
const gemini = setup().ai;
const vertex = setup({ vertex: true }).ai;

function snapshotOf(
  jobs: readonly JobReference[],
  server: Partial<OperationSnapshot['server']> = {},
): OperationSnapshot {
  return {
    version: 1,
    id: 'an-id',
    backend: jobs[0]?.backend ?? 'interactions',
    model: 'a-model',
    server: { vertexai: false, ...server },
    startedAt: 0,
    jobs,
  };
}

describe('existingJob()', () => {
  it('makes one image of an interaction, and of a batch as many as turn out', () => {
    expect(existingJob(gemini, 'interactions/1').existing).toMatchObject([{ indices: [0], id: '1', state: 'queued' }]);
    expect(existingJob(gemini, 'batches/1')).toMatchObject({
      backend: { name: 'batches', model: 'the model' },
      numberOfImages: 0,
      existing: [{ indices: [], id: 'batches/1', state: 'queued' }],
    });
    expect(existingJob(vertex, 'interactions/1').existing).toMatchObject([{ indices: [0], id: '1' }]);
    expect(existingJob(vertex, VERTEX_BATCH).existing).toMatchObject([{ indices: [], id: VERTEX_BATCH }]);
  });

  it('refuses a batch of the other host, and one of another location', () => {
    expect(() => existingJob(gemini, VERTEX_BATCH)).toThrow(
      `${VERTEX_BATCH} is a batch of Vertex: use a client of that.`,
    );
    expect(() => existingJob(vertex, 'batches/1')).toThrow(
      'batches/1 is a batch of the Gemini API: use a client of that.',
    );
    const elsewhere = VERTEX_BATCH.replace('global', 'europe-west4');
    expect(() => existingJob(vertex, elsewhere)).toThrow(
      `${elsewhere} is a batch in europe-west4: use a client with that \`location\`, not with global.`,
    );
  });

  it('takes one of any location where nobody knows that of the client', () => {
    for (const apiClient of [undefined, {}, { getLocation: () => undefined }]) {
      const client = { vertexai: true, apiClient } as unknown as GenAIClient;
      expect(existingJob(client, VERTEX_BATCH).existing).toHaveLength(1);
    }
  });
});

describe('existingOperation()', () => {
  it('takes up every job as it was written down', () => {
    const jobs: JobReference[] = [
      { index: 0, backend: 'interactions', name: 'interactions/1', state: 'running' },
      { index: 1, backend: 'batches', indices: [1, 2], displayName: 'd', state: 'submitting' },
      { index: 3, backend: 'interactions', state: 'unknown' },
    ];
    const { backend, existing = [] } = existingOperation(gemini, snapshotOf(jobs));
    expect(existing.map(({ backend: { name, model } }) => [name, model])).toEqual([
      ['interactions', 'a-model'],
      ['batches', 'a-model'],
      ['interactions', 'a-model'],
    ]);
    expect(existing[0]?.backend).toBe(backend);
    expect(existing[2]?.backend).toBe(backend);
    expect(existing.map(({ backend: _, ...job }) => job)).toStrictEqual([
      { indices: [0], id: '1', duplicates: [], state: 'running' },
      { indices: [1, 2], displayName: 'd', duplicates: [], state: 'submitting' },
      { indices: [3], duplicates: [], state: 'unknown' },
    ]);
  });

  it('takes the first job of a display name for the one that is kept, named or not', () => {
    const other = { index: 0, backend: 'batches', displayName: 'other', name: 'batches/1', state: 'queued' } as const;
    const shared = { index: 1, backend: 'batches', displayName: 'd', state: 'queued' } as const;
    const duplicates = ['batches/2', 'batches/3'].map((name) => ({ ...shared, name }));
    for (const kept of [shared, { ...shared, name: 'batches/4' }]) {
      const { existing = [] } = existingOperation(gemini, snapshotOf([other, kept, ...duplicates]));
      expect(existing).toMatchObject([
        { displayName: 'other', duplicates: [] },
        { displayName: 'd', duplicates: ['batches/2', 'batches/3'] },
      ]);
      expect(existing[1]?.id).toBe('name' in kept ? kept.name : undefined);
    }
  });

  it('counts the images of a batch on Vertex anew, and only of that', () => {
    const jobs: JobReference[] = [
      { index: 0, backend: 'batches', indices: [0, 1], name: VERTEX_BATCH, state: 'running' },
      { index: 2, backend: 'interactions', name: 'interactions/1', state: 'running' },
    ];
    const { existing = [] } = existingOperation(vertex, snapshotOf(jobs, { vertexai: true }));
    expect(existing.map(({ indices }) => indices)).toEqual([[], [2]]);
  });

  it('refuses what is elsewhere, and says where', () => {
    const elsewhere = snapshotOf([], { vertexai: true, project: 'another', location: 'global' });
    expect(() => existingOperation(vertex, elsewhere)).toThrow(
      'Expected `client.project` to be another, as the operation was started with: its jobs are there, got a string.',
    );
    expect(() => existingOperation(gemini, snapshotOf([], { vertexai: true }))).toThrow(
      'Expected `client.vertexai` to be true',
    );
  });

  it('knows that nothing is left of a request without a name', async () => {
    const { existing = [] } = existingOperation(
      gemini,
      snapshotOf([{ index: 0, backend: 'models', state: 'running' }]),
    );
    const backend = existing[0]?.backend as FireAndForgetBackend;
    expect(backend).toMatchObject({ name: 'models', cancelable: false, model: 'a-model' });
    await expect(backend.run([0], new AbortController().signal)).rejects.toThrow('it has nothing to send');
    expect(backend.lostHint('')).toBe('It may have been carried out and be charged; what it made cannot be fetched.');
    expect(backend).not.toHaveProperty('hint');
  });
});
