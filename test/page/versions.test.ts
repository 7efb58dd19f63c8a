import { expect, test } from 'vitest';
import { runtime } from '../support/runtime.js';
import { sdkOnTheWire } from '../support/sdk-on-the-wire.js';

const { version, client } = await sdkOnTheWire();
const expected = (import.meta as { env?: Record<string, string> }).env ?? {};

// `npm run test:matrix` reads the versions from this name, and takes them for proven when the test has passed.
test(`runs on ${runtime.name} ${runtime.version} with @google/genai ${version}`, () => {
  expect(runtime.name).toBe('Chromium');
  expect(Reflect.get(Reflect.get(globalThis, 'document') as object, 'defaultView')).toBe(globalThis);
  expect('process' in globalThis && 'node' in ((process.versions as object | undefined) ?? {})).toBe(false);
  expect(version.split('.')[0]).toBe(expected['EXPECT_GENAI'] ?? version.split('.')[0]);
  // The SDK's build for browsers.
  expect(client).toContain('gl-node/web');
});
