import { timestamp, type JsonObject } from './json.js';

/** Cloud Storage as far as batches on Vertex need it: text by its `gs://` address, in memory. */
export type Bucket = Pick<MemoryBucket, 'put' | 'get' | 'list'>;

export class MemoryBucket extends Map<string, string> {
  /** Writes an object, in place of one that is there. @throws TypeError when the address is no `gs://bucket/object` */
  put(uri: string, text: string): void {
    if (!/^gs:\/\/[^/]+\/./.test(uri)) throw new TypeError(`Expected \`uri\` to be gs://bucket/object, got \`${uri}\``);
    this.set(uri, text);
  }

  /** Addresses that begin with this, sorted. @default '' which is all of them */
  list(prefix = ''): string[] {
    return [...this.keys()].filter((uri) => uri.startsWith(prefix)).sort();
  }
}

const KEPT_MS = 48 * 3_600_000;

export interface StoredFile {
  readonly resource: JsonObject;
  text: string;
  isComplete: boolean;
}

/** The files of the Gemini API by their names: those that were uploaded, and the results of batches. */
export class FileStore extends Map<string, StoredFile> {
  find(name: string, isComplete = true): StoredFile | undefined {
    const file = this.get(name);
    return file?.isComplete === isComplete ? file : undefined;
  }

  /** Adds a file, complete if its text is given. `told` are its name, and the fields that are not as usual. */
  add(told: { name: string } & JsonObject, origin: string, now: number, text?: string): void {
    const resource = {
      createTime: timestamp(now),
      updateTime: timestamp(now),
      expirationTime: timestamp(now + KEPT_MS),
      uri: `${origin}/v1beta/${told.name}`,
      state: 'ACTIVE',
      ...told,
    };
    this.set(told.name, { text: text ?? '', isComplete: text !== undefined, resource });
  }
}
