import { describe, expect, it } from 'vitest';
import { apiClientOf } from '../../src/google/sdk.js';
import { prepareInteractionCancel } from '../../src/google/direct-calls.js';
import { lighthouse, resolution, setup } from '../support/setup.js';

describe('prepareInteractionCancel', () => {
  it.each([false, true])('makes the request that the SDK would make (Vertex: %s)', async (vertex) => {
    const { clock, emulator, ai, images } = setup({ vertex });
    const operation = images.start(lighthouse);
    await resolution(clock, operation.submitted());
    const id = operation.jobs[0]?.name?.replace('interactions/', '') ?? '';
    const template = await prepareInteractionCancel(apiClientOf(ai));
    const prepared = template?.(id);
    await emulator.fetch(prepared?.url ?? '', { method: prepared?.method ?? 'GET', headers: prepared?.headers ?? {} });
    await resolution(clock, operation.cancel());
    const [ours, theirs] = emulator.meter.requestsTo('cancel');
    if (theirs !== undefined)
      expect([ours?.path, ours?.method, ours?.authorized]).toEqual([theirs.path, theirs.method, true]);
    expect(ours).toMatchObject({ status: 200, authorized: true, job: operation.jobs[0]?.name });
  });

  it.each([undefined, {}, { getBaseUrl: () => 'https://host' }])('does without an SDK like %o', async (apiClient) => {
    expect(await prepareInteractionCancel(apiClient)).toBeUndefined();
  });

  it('cannot be led to another path by a name', async () => {
    const template = await prepareInteractionCancel({ getBaseUrl: () => 'https://host/', getApiVersion: () => 'v1' });
    expect(template?.('../x?y#z').url).toBe('https://host/v1/interactions/..%2Fx%3Fy%23z/cancel');
  });

  it.each([
    [true, 'a project', 'l/1', 'https://host/v1/projects/a%20project/locations/l%2F1/interactions/1/cancel'],
    // An express key has neither.
    [true, undefined, 'global', 'https://host/v1/interactions/1/cancel'],
    [true, 'a-project', '', 'https://host/v1/interactions/1/cancel'],
    [false, 'a-project', 'global', 'https://host/v1/interactions/1/cancel'],
  ])(
    'names the project and location where there are both (Vertex: %s, %s, %s)',
    async (isVertex, project, location, url) => {
      const template = await prepareInteractionCancel({
        getBaseUrl: () => 'https://host//',
        getApiVersion: () => 'v1',
        isVertexAI: () => isVertex,
        getProject: () => project,
        getLocation: () => location,
      });
      expect(template?.('1')).toStrictEqual({ name: 'interactions/1', url, method: 'POST', headers: {} });
    },
  );

  it('has the headers of the client, and its credentials of now', async () => {
    const template = await prepareInteractionCancel({
      getBaseUrl: () => 'https://host',
      getApiVersion: () => 'v1',
      getHeaders: () => ({ 'x-team': 'a', authorization: 'old' }),
      getAuthHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer new' })),
    });
    expect(template?.('1').headers).toStrictEqual({ 'x-team': 'a', authorization: 'Bearer new' });
  });
});
