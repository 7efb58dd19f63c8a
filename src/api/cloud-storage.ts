/** Part of a `Storage` of Google's Cloud Storage client that the library uses. It never imports that package. */
export interface CloudStorage {
  bucket(name: string): CloudStorageBucket;
}

/** Part of a `Bucket` of Google's Cloud Storage client that the library uses. */
export interface CloudStorageBucket {
  getFiles(query: { prefix: string }): PromiseLike<readonly [readonly { readonly name: string }[], ...unknown[]]>;
  file(name: string): { download(): PromiseLike<readonly [Uint8Array, ...unknown[]]> };
}
