import type { CloudStorage } from '../backends/batches/vertex-storage.js';

/**
 * A `Storage` of the optional peer `@google-cloud/storage`, with the credentials of the environment. Rejects where it is not
 * installed. The name stands in the import itself, so that bundlers see it.
 */
export async function loadStorage(): Promise<CloudStorage> {
  const { Storage } = await import('@google-cloud/storage');
  return new Storage() as CloudStorage;
}
