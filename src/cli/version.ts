import { createRequire } from 'node:module';

/** By the name of the package: the path to its root differs between the source and what is built of it. */
export function readVersion(): string {
  const { version } = createRequire(import.meta.url)('genai-cancel/package.json') as { version: string };
  return version;
}
