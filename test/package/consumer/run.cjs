// A program that has the package from its tarball, as CommonJS, on a Node that can load ESM that way.
const assert = require('node:assert/strict');
const library = require('genai-cancel');
const testing = require('genai-cancel/testing');

assert.equal(typeof library.cancelable, 'function');
assert.equal(typeof testing.createEmulator, 'function');
assert.equal(require('genai-cancel/package.json').name, 'genai-cancel');

// Both ways of loading give the same module, so that an error thrown in one is an instance in the other.
import('genai-cancel').then((imported) => assert.equal(imported.cancelable, library.cancelable));
