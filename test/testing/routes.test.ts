import { describe, expect, test } from 'vitest';
import { BASE, CREATE, errorOf, requests, setUp } from './helpers.js';

const PROJECT = '/projects/p-1/locations/us-central1';

describe.each(['/v1beta', '/v1', `/v1beta1${PROJECT}`, `/v1beta${PROJECT}`])('interactions under %s', (prefix) => {
  test('create, get, stream, cancel and delete are where Google has them', async () => {
    const { emulator } = setUp();
    const { create, get, openStream, cancel, remove } = requests(emulator, BASE + prefix);
    const { id, status } = await create();
    expect(status).toBe('queued');
    expect(await get(id)).toMatchObject({ id, status: 'queued', model: CREATE.model });
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
    ['POST', '/v9/interactions'],
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
    expect(await errorOf(response)).toMatchObject({ http: 404, code: 404, status: 'NOT_FOUND' });
    expect(emulator.meter.jobs).toEqual([]);
  });
});

test('the versions that exist can be chosen', async () => {
  const { emulator } = setUp({ apiVersions: ['v1'] });
  expect((await requests(emulator, `${BASE}/v1beta`).send('POST', '/interactions', CREATE)).status).toBe(404);
  expect((await requests(emulator, `${BASE}/v1`).send('POST', '/interactions', CREATE)).status).toBe(200);
});

describe('credentials', () => {
  test('without any: 403', async () => {
    const { emulator } = setUp();
    const response = await emulator.fetch(`${BASE}/v1beta/interactions`, {
      method: 'POST',
      body: JSON.stringify(CREATE),
    });
    expect(await errorOf(response)).toMatchObject({ http: 403, status: 'PERMISSION_DENIED' });
    expect(emulator.meter.requests[0]).toMatchObject({ authorized: false, status: 403 });
    expect(emulator.meter.jobs).toEqual([]);
  });

  test('the wrong key: 400 API_KEY_INVALID', async () => {
    const { send } = setUp({ apiKey: 'right' });
    const error = await errorOf(await send('POST', '/interactions', CREATE));
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
