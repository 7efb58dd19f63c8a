// A program that has the package from its tarball, as ESM.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { GoogleGenAI } from '@google/genai';
import * as library from 'genai-cancel';
import { fileJournal } from 'genai-cancel/file-journal';
import { signalFromRequest } from 'genai-cancel/http';
import * as testing from 'genai-cancel/testing';
import { receiver } from 'genai-cancel/webhooks';
import * as core from './node_modules/genai-cancel/dist/index.js';
import * as coreTesting from './node_modules/genai-cancel/dist/testing/index.js';

// Whatever the runtime, the same names. A program gets one of the two: its runtime or its bundler chooses.
assert.deepEqual(Object.keys(core), Object.keys(library));
assert.deepEqual(Object.keys(coreTesting), Object.keys(testing));
// No class is in two entries, or `instanceof` would not know its own.
const names = [library, testing, { fileJournal, signalFromRequest, receiver }].flatMap((entry) => Object.keys(entry));
assert.equal(new Set(names).size, names.length);
assert.notEqual(core.cancelable, library.cancelable, 'under Node the entry is the one that knows process signals');

for (const { cancelable } of [library, core]) {
  for (const { createEmulator } of [testing, coreTesting]) {
    const emulator = createEmulator({ queueMs: 0, workMs: 5 });
    const ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { fetch: emulator.fetch } });
    const { generatedImages } = await cancelable(ai).generateImages({ model: 'a-model', prompt: 'a lighthouse' });
    assert.equal(generatedImages[0].image.mimeType, 'image/png');
  }
}

assert.throws(() => signalFromRequest({}, {}), TypeError);

const folder = mkdtempSync(`${tmpdir()}/consumer-`);
const emulator = testing.createEmulator({ queueMs: 0, workMs: 5 });
const ai = new GoogleGenAI({ apiKey: 'any', httpOptions: { fetch: emulator.fetch } });
const images = library.cancelable(ai, { journal: fileJournal({ folder }) });
const snapshot = images.start({ model: 'a-model', prompt: 'a lighthouse' }, { tag: 'kept' }).toJSON();
assert.equal(snapshot.tag, 'kept');
await images.close();
assert.deepEqual((await library.readJournal(fileJournal({ folder }))).operations, []);
rmSync(folder, { recursive: true });

// Its optional peers are not installed here: it loads, and says which one it lacks.
const warnings = [];
const client = library.cancelable(ai, { logger: { warn: (message) => warnings.push(message) } });
const { handle } = receiver({ images: client, secrets: ['whsec_c2VjcmV0'] });
const headers = { 'content-type': 'application/json', 'webhook-id': 'a', 'webhook-signature': 'v1,a' };
const request = (time) =>
  new Request('http://localhost', { method: 'POST', body: '{}', headers: { ...headers, ...time } });
assert.equal((await handle(request({}))).status, 400);
assert.equal((await handle(request({ 'webhook-timestamp': `${Math.floor(Date.now() / 1000)}` }))).status, 503);
assert.match(warnings.join(), /standardwebhooks/);

const server = await testing.createEmulator().listen();
await server.close();
await assert.rejects(coreTesting.createEmulator().listen(), /needs Node/);
await assert.rejects(import('genai-cancel/dist/index.js'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
