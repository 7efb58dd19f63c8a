import type { CloudStorage } from '../backends/batches/vertex-storage.js';

/**
 * A `Storage` of the optional peer `@google-cloud/storage`, with the credentials of the environment. Rejects where it is not
 * installed. The name stands in the import itself, so that bundlers see it, and a `catch` follows at once, by which esbuild
 * knows that the package may be missing.
 */
export async function loadStorage(): Promise<CloudStorage> {
  const { Storage } = await import('@google-cloud/storage').catch((cause: unknown) => {
    throw new Error('@google-cloud/storage cannot be loaded.', { cause });
  });
  return new Storage() as CloudStorage;
}
