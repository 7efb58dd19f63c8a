import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from 'node:net';
import { createEmulator, type Emulator, type EmulatorServer } from '../../src/testing/http/index.js';
import { createVirtualClock } from '../../src/testing/index.js';
import { jsonText, rubbish } from './arbitraries/json.js';
import { editJson } from './edit.js';
import { watchTheRealm } from './pollution.js';
import { PROPERTY_TIMEOUT_MS, runs } from './property.js';

const ORIGIN = 'https://generativelanguage.googleapis.com';

const content = {
  contents: [{ parts: [{ text: 'a fox' }] }],
  generationConfig: { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '1:1' }, seed: 1 },
};
const interaction = {
  model: 'm',
  input: [{ type: 'text', text: 'a fox' }],
  background: true,
  previous_interaction_id: 'v1_x',
  service_tier: 'flex',
  response_format: { type: 'image', aspect_ratio: '1:1' },
  generation_config: { seed: 1 },
};
const images = {
  instances: [{ prompt: 'a fox' }],
  parameters: { sampleCount: 2, aspectRatio: '1:1', seed: 4, outputOptions: { mimeType: 'image/png' } },
};
const batch = { batch: { displayName: 'd', inputConfig: { requests: { requests: [{ request: content }] } } } };
const vertexBatch = {
  displayName: 'd',
  model: 'publishers/google/models/m',
  inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: ['gs://b/in'] } },
  outputConfig: { predictionsFormat: 'jsonl', gcsDestination: { outputUriPrefix: 'gs://b/out' } },
};

/** The requests that create something, one for each collection. */
const posts: readonly (readonly [path: string, body: object])[] = [
  ['v1beta/interactions', interaction],
  ['v1beta/models/m:generateContent', content],
  ['v1beta/models/m:streamGenerateContent', content],
  ['v1beta/models/m:streamGenerateContent?alt=sse', content],
  ['upload/v1beta/files', { file: { displayName: 'd', mimeType: 'text/plain' } }],
  ['upload/v1beta/files?upload_id=files/upload0', content],
  ['v1beta/models/m:predict', images],
  ['v1beta/models/m:batchGenerateContent', batch],
  ['v1beta/projects/p/locations/l/batchPredictionJobs', vertexBatch],
];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

const nearlyRight: fc.Arbitrary<Asked> = fc
  .record({
    post: fc.constantFrom(...posts),
    at: fc.nat(40),
    text: jsonText,
    kind: fc.constantFrom('replace' as const, 'repeat' as const),
  })
  .map(({ post: [path, base], ...edit }) => ({ method: 'POST', path, body: editJson(JSON.stringify(base), [edit]) }));

const segment = fc.constantFrom(
  ...[
    'interactions',
    'batches',
    'models',
    'm:predict',
    'm:streamGenerateContent',
    'm:batchGenerateContent',
    'files',
    '..',
  ],
  ...['projects', 'p', 'locations', 'l', 'batchPredictionJobs', 'cancel', '%', '%2e%2e', '', '__proto__', 'x:download'],
  ...['batches?pageToken=%25&pageSize=1e9', 'batches?pageToken=e30=', 'interactions/x?stream=true&last_event_id=%00'],
);
const wild: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT'),
  path: fc.array(segment, { maxLength: 6 }).map((segments) => ['v1beta', ...segments].join('/')),
  body: rubbish,
});

describe('the emulator', () => {
  watchTheRealm();

  it(
    'answers whatever it is asked, and never fails itself',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.oneof({ weight: 3, arbitrary: nearlyRight }, { weight: 1, arbitrary: wild }),
          fc.constantFrom('1', '-1', '1e400', 'soon', '0'),
          async ({ method, path, body }, timeout) => {
            const clock = createVirtualClock();
            const emulator = createEmulator({ clock, queueMs: 1, workMs: 1, batchQueueMs: 1, warn: () => undefined });
            // The same bytes as a file of requests.
            emulator.bucket.put('gs://b/in', `${body}\n{"request":${body}}`);
            const request = new Request(new URL(path, `${ORIGIN}/`), {
              method,
              headers: { 'x-goog-api-key': 'a-key', 'x-server-timeout': timeout, 'x-goog-upload-command': 'start' },
              ...(method === 'GET' ? {} : { body }),
            });
            let response: Response | undefined;
            void emulator.handle(request).then((answer) => (response = answer));
            await clock.settle();
            await clock.advanceUntil(() => response !== undefined, { maxMs: 10_000 });
            expect(response?.status).toBeLessThan(600);
            expect((await response?.clone().text()) ?? '').not.toContain('The emulator failed');
            emulator.reset();
          },
        ),
        runs(400),
      ),
    PROPERTY_TIMEOUT_MS,
  );
});

describe('the emulator on a port', () => {
  let emulator: Emulator;
  let server: EmulatorServer;
  beforeAll(async () => {
    emulator = createEmulator();
    server = await emulator.listen();
  });
  afterAll(() => server.close());

  it.each([
    'rubbish\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET // HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /v1beta/interactions HTTP/1.1\r\nHost: a b\r\n\r\n',
    'GET http:// HTTP/1.1\r\nHost: :::\r\n\r\n',
    'TRACE / HTTP/1.1\r\nHost: x\r\n\r\n',
    'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /v1beta/interactions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
    'POST /v1beta/interactions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ])('outlives %j', async (text) => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end(text));
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
      socket.resume();
    });
    const { status } = await fetch(`${server.url}/v1beta/interactions/x`, { headers: { 'x-goog-api-key': 'a-key' } });
    expect(status).toBe(404);
  });
});
