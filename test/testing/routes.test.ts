import { describe, expect, test } from 'vitest';
import { BASE, CREATE, errorOf, requests, setUp } from './helpers.js';

const PROJECT = '/projects/p-1/locations/us-central1';

describe.each(['/v1beta', '/v1', `/v1beta1${PROJECT}`, `/v1beta${PROJECT}`])('interactions under %s', (prefix) => {
  test('create, get, stream, cancel and delete are where Google has them', async () => {
    const { emulator } = setUp();
    const { create, get, openStream, cancel, remove } = requests(emulator, BASE + prefix);
    const { id, status } = await create();
    expect(status).toBe('in_progress');
    expect(await get(id)).toMatchObject({ id, status: 'in_progress', model: CREATE.model });
    const stream = await openStream(id);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    await stream.body?.cancel();
    expect((await cancel(id)).status).toBe(200);
    expect((await remove(id)).status).toBe(200);
    expect(emulator.meter.requests.map(({ route }) => route)).toEqual(['create', 'get', 'stream', 'cancel', 'delete']);
    expect(new Set(emulator.meter.requests.map(({ job }) => job))).toEqual(new Set([`interactions/${id}`]));
  });
});

describe('what Google does not have is 404', () => {
  test.each([
    ['GET', '/v1beta/interactions'],
    ['GET', '/v9/interactions/x'],
    ['PUT', '/v1beta/interactions/x'],
    ['GET', '/v1beta/interactions/x/cancel'],
    ['POST', '/v1beta/interactions/x:cancel'],
    ['GET', '/v1beta/interactions/v1_nobody'],
    ['GET', '/v1beta/interactions/v1_nobody?stream=true'],
    ['POST', '/v1beta/interactions/v1_nobody/cancel'],
    ['DELETE', '/v1beta/interactions/v1_nobody'],
    ['GET', '/v1beta/models/m:predict'],
    ['GET', '/v1beta/files/x:download'],
    ['GET', '/v1beta/models/m:batchGenerateContent'],
    ['POST', '/v1beta1/projects/p/locations/l/publishers/google/models/m:batchGenerateContent'],
    ['POST', '/v9/models/m:batchGenerateContent'],
    ['POST', '/v1beta/batches'],
    ['PUT', '/v1beta/batches/x'],
    ['POST', '/v1beta/batches/x'],
    ['GET', '/v1beta/batches/x'],
    ['GET', '/v1beta/batches/x:cancel'],
    ['POST', '/v1beta/batches/x/cancel'],
    ['POST', '/v1beta/batches/x:cancel'],
    ['DELETE', '/v1beta/batches/x'],
    ['GET', '/v1beta1/batchPredictionJobs'],
    ['POST', '/v1beta1/batchPredictionJobs'],
    ['GET', '/v1beta1/projects/p/locations/l/batchPredictionJobs/1'],
    ['POST', '/v1beta1/projects/p/locations/l/batchPredictionJobs/1:cancel'],
    ['DELETE', '/v1beta1/projects/p/locations/l/batchPredictionJobs/1'],
    ['GET', '/'],
    ['GET', '/v1beta/interactions/%zz'],
  ])('%s %s', async (method, path) => {
    const { emulator } = setUp();
    const { send } = requests(emulator, BASE);
    const response = await send(method, path, method === 'POST' ? CREATE : undefined);
    const error = await errorOf(response);
    const isInteraction =
      /interactions\/[^:]+$/.test(path) && method !== 'PUT' && path !== '/v1beta/interactions/x/cancel';
    expect(error).toMatchObject(
      isInteraction ? { http: 404, code: 'not_found' } : { http: 404, code: 404, status: 'NOT_FOUND' },
    );
    expect(emulator.meter.jobs).toEqual([]);
  });
});

test('the versions that exist can be chosen', async () => {
  const { emulator } = setUp({ apiVersions: ['v1'] });
  expect((await requests(emulator, `${BASE}/v1beta`).send('POST', '/interactions', CREATE)).status).toBe(400);
  expect((await requests(emulator, `${BASE}/v1beta`).send('GET', '/batches')).status).toBe(404);
  expect((await requests(emulator, `${BASE}/v1`).send('POST', '/interactions', CREATE)).status).toBe(200);
});

describe('credentials', () => {
  test('without any: 401 of interactions, 403 of others', async () => {
    const { emulator } = setUp();
    const init = { method: 'POST', body: JSON.stringify(CREATE) };
    const response = await emulator.fetch(`${BASE}/v1beta/interactions`, init);
    expect(await errorOf(response)).toMatchObject({ http: 401, code: 'authentication' });
    const other = await emulator.fetch(`${BASE}/v1beta/batches`);
    expect(await errorOf(other)).toMatchObject({ http: 403, status: 'PERMISSION_DENIED' });
    expect(emulator.meter.requests).toMatchObject([
      { authorized: false, status: 401 },
      { authorized: false, status: 403 },
    ]);
    expect(emulator.meter.jobs).toEqual([]);
  });

  test('the wrong key: 401 of interactions, 400 API_KEY_INVALID of others', async () => {
    const { send } = setUp({ apiKey: 'right' });
    expect(await errorOf(await send('POST', '/interactions', CREATE))).toMatchObject({ http: 401 });
    const error = await errorOf(await send('GET', '/batches'));
    expect(error).toMatchObject({ http: 400, status: 'INVALID_ARGUMENT' });
    expect(error.details?.[0]?.reason).toBe('API_KEY_INVALID');
  });

  test.each([
    [{ 'x-goog-api-key': 'right' }, ''],
    [{ authorization: 'Bearer token' }, ''],
    [{}, '?key=right'],
  ])('accepted: %o %s, and not recorded', async (headers, query) => {
    const { emulator } = setUp({ apiKey: 'right' });
    const init = {
      method: 'POST',
      headers: new Headers(headers),
      body: JSON.stringify(CREATE),
    };
    expect((await emulator.fetch(`${BASE}/v1beta/interactions${query}`, init)).status).toBe(200);
    expect(emulator.meter.requests[0]).toMatchObject({ authorized: true, query: {} });
    expect(JSON.stringify(emulator.meter)).not.toMatch(/right|token/);
  });
});
