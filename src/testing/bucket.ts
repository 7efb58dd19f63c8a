/** Cloud Storage as far as batches on Vertex need it: text by its `gs://` address, in memory. */
export type Bucket = Pick<MemoryBucket, 'put' | 'get' | 'list'>;

/** The bucket as the emulator has it. */
export class MemoryBucket {
  readonly #objects = new Map<string, string>();

  /** Writes an object, in place of one that is there. @throws TypeError when the address is no `gs://bucket/object` */
  put(uri: string, text: string): void {
    if (!/^gs:\/\/[^/]+\/./.test(uri)) throw new TypeError(`Expected \`uri\` to be gs://bucket/object, got \`${uri}\``);
    this.#objects.set(uri, text);
  }

  /** The text of an object; undefined when there is none. */
  get(uri: string): string | undefined {
    return this.#objects.get(uri);
  }

  /** Addresses that begin with this, sorted. @default '' which is all of them */
  list(prefix = ''): string[] {
    return [...this.#objects.keys()].filter((uri) => uri.startsWith(prefix)).sort();
  }

  clear(): void {
    this.#objects.clear();
  }
}
