/** Runs what one client does with the emulator, each step with an emulator and a port of its own, and says what it parsed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { onServer } = await import(process.env.STAGE);
const { resolve } = createRequire(import.meta.url);

/** The version of a package that is installed beside this file; some do not export their package.json. */
export function versionOf(name) {
  for (let folder = dirname(resolve(name)); ; folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (found.name === name) return `${name} ${found.version}`;
    } catch {
      if (folder === dirname(folder)) throw new Error(`${name} is not installed.`);
    }
  }
}

/**
 * Runs the steps one after another and exits with 1 if any fails.
 * @param {string} title
 * @param {(server: { emulator: object, url: string }) => object} prepare the parts of a step
 * @param {Record<string, (parts: object) => Promise<void>>} steps
 * @param {Record<string, object>} options for the emulator of a step
 */
export async function parse(title, prepare, steps, options = {}) {
  const parsed = [];
  for (const [name, step] of Object.entries(steps)) {
    const settings = { workMs: 20, batchQueueMs: 5, models: 'strict', ...options[name] };
    try {
      await onServer(settings, (emulator, url) => step(prepare({ emulator, url })));
      parsed.push(name);
    } catch (error) {
      process.exitCode = 1;
      console.error(`✗ ${name}:`, error);
    }
  }
  console.log(`${title} on Node ${process.versions.node} parsed: ${parsed.join(', ')}.`);
}

/** Waits until the emulator has nothing left to do. */
export const idle = (emulator) => emulator.waitFor((meter) => meter.running().length === 0);

/** The members of this name. */
export const pluck = (list, name) => list.map((one) => one[name]);

/** The error of a call that has to fail. */
export const failure = (promise) =>
  promise.then(
    () => assert.fail('It did not fail.'),
    (error) => error,
  );

/** Whether base64 or bytes are a JPEG. */
export function isJpeg(data) {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'base64') : data;
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.at(-1) === 0xd9;
}
