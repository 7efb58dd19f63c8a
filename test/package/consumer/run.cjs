// A program that has the package from its tarball, as CommonJS, on a Node that cannot load ES modules that way.
const assert = require('node:assert/strict');
const { GoogleGenAI } = require('@google/genai');
const library = require('genai-cancel');
const { fileJournal } = require('genai-cancel/file-journal');
const { signalFromRequest } = require('genai-cancel/http');
const { createEmulator } = require('genai-cancel/testing');
const { receiver } = require('genai-cancel/webhooks');

assert.equal(require('genai-cancel/package.json').name, 'genai-cancel');
assert.equal(typeof fileJournal, 'function');
assert.throws(() => signalFromRequest({}, {}), TypeError);

main();

async function main() {
  // The same names as those of the ES modules, and classes of their own: errors are told apart by `name` and `code`.
  const imported = await import('genai-cancel');
  const names = Object.keys(imported).filter((name) => name !== 'default' && name !== 'module.exports');
  assert.deepEqual(Object.keys(library).sort(), names.sort());
  assert.notEqual(imported.OperationCancelledError, library.OperationCancelledError);

  const emulator = createEmulator({ queueMs: 0, workMs: 60_000 });
  const images = library.cancelable(new GoogleGenAI({ apiKey: 'any', httpOptions: { fetch: emulator.fetch } }));
  assert.throws(() => receiver({ images }), TypeError);
  assert.equal(typeof receiver({ images, secrets: ['whsec_c2VjcmV0'] }).handle, 'function');
  const operation = images.start({ model: 'a-model', prompt: 'a lighthouse' });
  await operation.submitted();
  const { outcome } = await operation.cancel();
  assert.equal(outcome, 'cancelled');
  await assert.rejects(operation.result(), { name: 'AbortError', code: 'ABORT_ERR' });
  assert.deepEqual(
    emulator.meter.jobs.map(({ endReason }) => endReason),
    ['cancelled'],
  );
}
