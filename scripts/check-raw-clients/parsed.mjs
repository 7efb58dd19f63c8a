/** Runs what one client does with the emulator, each step with an emulator and a port of its own, and says what it parsed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { onServer } = await import(process.env.STAGE);

/** The version of a package that is installed beside this file; some do not export their package.json. */
export function versionOf(name) {
  const manifest = readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return `${name} ${JSON.parse(manifest).version}`;
}

/**
 * Runs the steps one after another, by their names, and exits with 1 if any fails. `prepare` makes the parts that a step is
 * given, and `options` has settings of the emulator for some steps.
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

export const idle = (emulator) => emulator.waitFor((meter) => meter.running().length === 0);

export const pluck = (list, name) => list.map((one) => one[name]);

/** The error of a call that has to fail. */
export const failure = (promise) =>
  promise.then(
    () => assert.fail('It did not fail.'),
    (error) => error,
  );

export function isJpeg(data) {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'base64') : data;
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.at(-1) === 0xd9;
}
