import { describe, expect, it } from 'vitest';
import { apiClientOf } from '../../../src/backends/sdk.js';
import { prepareInteractionCancel } from '../../../src/backends/interactions/prepare-cancel.js';
import { lighthouse, resolution, setup } from '../../support/setup.js';

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
});
