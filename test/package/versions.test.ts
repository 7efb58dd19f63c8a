import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { setup } from '../support/setup.js';

const sdk = manifest('../../node_modules/@google/genai/package.json');
const { peerDependencies } = manifest('../../package.json');

// `npm run test:matrix` reads the versions from this name, and takes them for proven when the test has passed.
test(`runs on Node ${process.versions.node} with @google/genai ${sdk.version}`, async () => {
  const supported = [...(peerDependencies?.['@google/genai'] ?? '').matchAll(/\^(\d+)/g)].map(([, major]) => major);
  expect(Number(majorOf(process.versions.node))).toBeGreaterThanOrEqual(20);
  expect(supported).toContain(majorOf(sdk.version));
  expect(majorOf(process.versions.node)).toBe(process.env['EXPECT_NODE'] ?? majorOf(process.versions.node));
  expect(majorOf(sdk.version)).toBe(process.env['EXPECT_GENAI'] ?? majorOf(sdk.version));

  // What lies in node_modules is also what is loaded, and what the other tests speak to the server with.
  const { ai, emulator } = setup();
  await ai.interactions.get('nobody', {}, { maxRetries: 0 }).catch(() => undefined);
  const client = emulator.meter.requests[0]?.apiClient ?? '';
  expect(client.split(' ')).toContain(`google-genai-sdk/${sdk.version}`);
  expect(client).toContain(`v${process.versions.node}`);
});

function manifest(path: string): { version: string; peerDependencies?: Record<string, string> } {
  const text = readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
  return JSON.parse(text) as ReturnType<typeof manifest>;
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? '';
}
