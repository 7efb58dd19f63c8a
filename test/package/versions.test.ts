import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runtime } from '../support/runtime.js';
import { sdkOnTheWire } from '../support/sdk-on-the-wire.js';

const sdk = manifest('../../node_modules/@google/genai/package.json');
const { peerDependencies } = manifest('../../package.json');

// `npm run test:matrix` reads the versions from this name, and takes them for proven when the test has passed.
test(`runs on ${runtime.name} ${runtime.version} with @google/genai ${sdk.version}`, async () => {
  const supported = [...(peerDependencies?.['@google/genai'] ?? '').matchAll(/\^(\d+)/g)].map(([, major]) => major);
  expect(supported).toContain(majorOf(sdk.version));
  expect(majorOf(sdk.version)).toBe(process.env['EXPECT_GENAI'] ?? majorOf(sdk.version));
  const expected = process.env['EXPECT_RUNTIME'] ?? `${runtime.name} ${majorOf(runtime.version)}`;
  expect(`${runtime.name} ${majorOf(runtime.version)}`).toBe(expected);
  // Bun and Deno say which Node they are like.
  expect(Number(majorOf(process.versions.node))).toBeGreaterThanOrEqual(20);

  // The SDK in node_modules is the one that is loaded, and that the other tests speak to the server with.
  const { version, client } = await sdkOnTheWire();
  expect(version).toBe(sdk.version);
  expect(client).toContain(`v${process.versions.node}`);
});

function manifest(path: string): { version: string; peerDependencies?: Record<string, string> } {
  const text = readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
  return JSON.parse(text) as ReturnType<typeof manifest>;
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? '';
}
