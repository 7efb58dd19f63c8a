import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createEmulator } from '../../src/testing/index.js';
import { macrotask } from '../../src/testing/virtual-clock.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { BROKEN_BODY, leaveOut, leftOutOn, runtime } from '../support/runtime.js';
import { BASE, CREATE, setUp } from './helpers.js';

const URL_ = `${BASE}/v1beta/interactions`;
const init = { method: 'POST', headers: { 'x-goog-api-key': 'k' }, body: JSON.stringify(CREATE) };

test.each([
  ['text', () => [URL_, init] as const],
  ['URL', () => [new URL(URL_), init] as const],
  ['Request', () => [new Request(URL_, init)] as const],
  ['Request and init', () => [new Request(URL_), init] as const],
])('takes what fetch takes: %s', async (_, args) => {
  const { emulator } = setUp();
  const [input, options] = args();
  const response = await emulator.fetch(input, options);
  expect(response.status).toBe(200);
  expect(emulator.meter.requests[0]?.body).toEqual(CREATE);
});

test('a signal that has aborted sends nothing', async () => {
  const { emulator } = setUp();
  const reason = new Error('early');
  await expect(emulator.fetch(URL_, { ...init, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(emulator.meter.requests).toEqual([]);
});

test(
  'a bad address rejects',
  leftOutOn({ Chromium: 'No address is a bad one in a page, which resolves it.' }),
  async () => {
    const { emulator } = setUp();
    await expect(emulator.fetch('/relative')).rejects.toThrow(TypeError);
  },
);

test('handle says a broken connection with Response.error(), and never rejects', async () => {
  const { emulator } = setUp({ faults: [{ kind: 'reset', times: 1 }] });
  expect((await emulator.handle(new Request(URL_, init))).type).toBe('error');
  expect((await emulator.handle(new Request(URL_, { ...init, signal: AbortSignal.abort() }))).type).toBe('error');
  emulator.addFault({ kind: 'status', status: 9999 });
  expect((await emulator.handle(new Request(URL_, init))).status).toBe(500);
});

test('no listener stays on the signal', async () => {
  const { emulator, create, clock } = setUp();
  const { id } = await create();
  await clock.advance(5000);
  const request = new Request(`${URL_}/${id}`, { headers: init.headers });
  await (await emulator.fetch(request)).text();
  const stream = new Request(`${URL_}/${id}?stream=true`, { headers: init.headers });
  await (await emulator.fetch(stream)).text();
  expect(getEventListeners(request.signal, 'abort')).toEqual([]);
  expect(getEventListeners(stream.signal, 'abort')).toEqual([]);
});

async function collectMoreThanOnce(): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    collectGarbage();
    await macrotask();
  }
}

// https://github.com/nodejs/undici/issues/4068: the signal of a Request that was collected never aborts.
test.each(['hang', 'stream'])('an abort is noticed after a garbage collection: %s', async (kind) => {
  if (kind === 'stream' && runtime.name === 'Chromium') leaveOut(BROKEN_BODY);
  const { emulator, create, clock } = setUp();
  const { id } = await create();
  if (kind === 'hang') emulator.addFault({ kind: 'hang' });
  const controller = new AbortController();
  const reason = new Error('enough');
  const answer = emulator.fetch(`${URL_}/${id}?stream=true`, { headers: init.headers, signal: controller.signal });
  const text = expect(answer.then((response) => response.text())).rejects.toBe(reason);
  await clock.settle();
  await collectMoreThanOnce();
  controller.abort(reason);
  await text;
  await emulator.waitFor((meter) => meter.requestsTo('stream')[0]?.clientLeftAt !== undefined);
});

test('handle notices it, too, when nobody but the emulator has the Request', async () => {
  const { emulator } = setUp({ faults: [{ kind: 'hang' }] });
  const controller = new AbortController();
  void emulator.handle(new Request(`${URL_}/x`, { headers: init.headers, signal: controller.signal }));
  await emulator.waitFor((meter) => meter.requests.length === 1);
  await collectMoreThanOnce();
  controller.abort();
  await emulator.waitFor((meter) => meter.requests[0]?.clientLeftAt !== undefined);
});

test('without Node there is no listen()', async () => {
  await expect(createEmulator().listen()).rejects.toThrow('needs Node');
});
