/** Runs what one client does with the emulator, each step with an emulator and a port of its own, and says what it parsed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { createEmulator } = await import(process.env.EMULATOR);
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
 * @param {Record<string, (parts: { emulator: object, url: string }) => Promise<void>>} steps
 * @param {Record<string, object>} options for the emulator of a step
 */
export async function parse(title, steps, options = {}) {
  const parsed = [];
  for (const [name, step] of Object.entries(steps)) {
    const emulator = createEmulator({ workMs: 20, batchQueueMs: 5, models: 'strict', ...options[name] });
    const server = await emulator.listen();
    try {
      await step({ emulator, url: server.url });
      parsed.push(name);
    } catch (error) {
      process.exitCode = 1;
      console.error(`✗ ${name}:`, error);
    } finally {
      await server.close();
      emulator.reset();
    }
  }
  console.log(`${title} on Node ${process.versions.node} parsed: ${parsed.join(', ')}.`);
}

/** Waits until the emulator has nothing left to do. */
export const idle = (emulator) => emulator.waitFor((meter) => meter.running().length === 0);

/** Whether base64 or bytes are a JPEG. */
export function isJpeg(data) {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'base64') : data;
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.at(-1) === 0xd9;
}
