import type { Clock } from '../util/clock.js';
import { timestamp, type JsonObject } from './json.js';

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

const KEPT_MS = 48 * 3_600_000;

/** A file of the Files API. */
export interface StoredFile {
  /** The answer to GET. */
  readonly resource: JsonObject;
  readonly mimeType: string;
  text: string;
  /** Whether all of it has come. */
  isComplete: boolean;
}

/** The files of the Gemini API by their names: those that were uploaded, and the results of batches. */
export class FileStore {
  readonly #clock: Clock;
  readonly #files = new Map<string, StoredFile>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A name for the next file. */
  get nextName(): string {
    return `files/upload${this.#files.size}`;
  }

  /** A file that is complete, or one that is not. */
  find(name: string, isComplete = true): StoredFile | undefined {
    const file = this.#files.get(name);
    return file?.isComplete === isComplete ? file : undefined;
  }

  put(
    name: string,
    origin: string,
    file: Pick<StoredFile, 'mimeType' | 'text' | 'isComplete'>,
    told: JsonObject,
  ): void {
    const now = this.#clock.now();
    const resource = {
      name,
      mimeType: file.mimeType,
      sizeBytes: String(file.text.length),
      createTime: timestamp(now),
      updateTime: timestamp(now),
      expirationTime: timestamp(now + KEPT_MS),
      uri: `${origin}/v1beta/${name}`,
      state: 'ACTIVE',
      ...told,
    };
    this.#files.set(name, { ...file, resource });
  }

  clear(): void {
    this.#files.clear();
  }
}
