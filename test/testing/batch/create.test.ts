import { describe, expect, test } from 'vitest';
import { errorOf, MODEL } from '../helpers.js';
import { setUpBatches } from './helpers.js';

describe('create refuses', () => {
  const request = { request: { contents: [{ parts: [{ text: 'x' }] }] } };
  const batch = (fields: object): object => ({
    batch: { inputConfig: { requests: { requests: [request] } }, ...fields },
  });
  test.each([
    ['no batch', {}],
    ['an unknown field beside it', { ...batch({}), model: 'm' }],
    ['an unknown field', batch({ dest: 'gs://b' })],
    ['an unknown source', batch({ inputConfig: { gcsSource: {} } })],
    ['no requests', batch({ inputConfig: { requests: { requests: [] } } })],
    ['requests not nested', batch({ inputConfig: { requests: [request] } })],
    ['requests that are none', batch({ inputConfig: { requests: { requests: ['x'] } } })],
    ['an unknown field of a request', batch({ inputConfig: { requests: { requests: [{ contents: [] }] } } })],
  ])('%s', async (_, body) => {
    const { send, emulator } = setUpBatches();
    const response = await send('POST', `/models/${MODEL}:batchGenerateContent`, body);
    expect(await errorOf(response)).toMatchObject({ http: 400, status: 'INVALID_ARGUMENT' });
    expect(emulator.meter.jobs).toEqual([]);
  });

  test('more than 20 MB, to the byte', async () => {
    const { send, emulator } = setUpBatches();
    const path = `/models/${MODEL}:batchGenerateContent`;
    const body = (length: number) => batch({ displayName: 'x'.repeat(length) });
    const rest = JSON.stringify(body(0)).length;
    expect((await send('POST', path, body(20 * 2 ** 20 - rest))).status).toBe(200);
    expect(emulator.meter.requests[0]?.bodyBytes).toBe(20_971_520);
    expect(await errorOf(await send('POST', path, body(20 * 2 ** 20 - rest + 1)))).toMatchObject({
      http: 400,
      message: 'Request payload size exceeds the limit: 20971520 bytes.',
    });
    expect(emulator.meter.jobs).toHaveLength(1);
  });

  test('a file: there are none', async () => {
    const { ai } = setUpBatches();
    await expect(ai.batches.create({ model: MODEL, src: 'files/x' })).rejects.toThrow('files/x does not exist');
  });

  test('more than is set, counted in bytes', async () => {
    const { ai } = setUpBatches({ inlinedLimitBytes: 1000 });
    const src = [{ contents: '🦊'.repeat(300) }];
    await expect(ai.batches.create({ model: MODEL, src })).rejects.toMatchObject({ status: 400 });
  });
});
