import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/command.mjs';
import { bundleTests } from './bundle.mjs';

/**
 * Runs the tests twice on the sources as they are. One that fails when it is run again would kill every mutant that it is tried on.
 * @throws Error with the first test that fails.
 */
export async function checkTests() {
  const file = join(ROOT, 'node_modules', '.cache', 'genai-cancel', `mutate-${process.pid}.mjs`);
  const { log, warn, error } = console;
  try {
    await bundleTests(ROOT, file);
    const { tests } = await import(pathToFileURL(file).href);
    Object.assign(console, { log: () => undefined, warn: () => undefined, error: () => undefined });
    for (const test of [...tests, ...tests]) await test.run().catch((cause) => fail(test, cause));
    return tests.length;
  } finally {
    Object.assign(console, { log, warn, error });
    rmSync(file, { force: true });
  }
}

function fail({ id }, cause) {
  throw new Error(`${id} fails without any mutant.`, { cause });
}
