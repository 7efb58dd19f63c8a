import { createCancelable } from '../../../src/client/cancelable.js';
import { plainPlatform, type Platform } from '../../../src/operation/platform.js';
import type { CloudStorage, Operation, VertexBatchOptions } from '../../../src/index.js';
import type { Emulator, EmulatorOptions } from '../../../src/testing/index.js';
import { lighthouse, setup, WORK_MS, type Setup } from '../../support/setup.js';

export const BATCH_QUEUE_MS = 1_000;
/** When so many rows are done and the next is half done. */
export const afterRows = (count: number): number => BATCH_QUEUE_MS + count * WORK_MS + WORK_MS / 2;

export const SOURCE = 'gs://requests/in.jsonl';
export const DESTINATION = 'gs://results/out';

/** `new Storage()` as far as the library calls it, on the emulator's bucket. */
export function storageOn({ bucket }: Pick<Emulator, 'bucket'>): CloudStorage & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    bucket: (name) => ({
      getFiles: ({ prefix }) => {
        calls.push(`list gs://${name}/${prefix}`);
        const uris = bucket.list(`gs://${name}/${prefix}`);
        return Promise.resolve([uris.map((uri) => ({ name: uri.slice(`gs://${name}/`.length) }))]);
      },
      file: (path) => ({
        download: () => {
          calls.push(`read gs://${name}/${path}`);
          const text = bucket.get(`gs://${name}/${path}`);
          return text === undefined
            ? Promise.reject(Object.assign(new Error('No such object'), { code: 404 }))
            : Promise.resolve([new TextEncoder().encode(text)]);
        },
      }),
    }),
  };
}

export interface VertexSetup extends Setup {
  readonly storage: ReturnType<typeof storageOn>;
  /** Starts a batch of so many rows, with the storage unless told otherwise. */
  readonly startRows: (count: number, options?: Partial<VertexBatchOptions>) => Operation;
}

/** The library for Vertex on the emulator. */
export function setupVertex(emulatorOptions: EmulatorOptions = {}, platform: Partial<Platform> = {}): VertexSetup {
  const parts = setup({ vertex: true, emulator: { batchQueueMs: BATCH_QUEUE_MS, ...emulatorOptions } });
  const { ai, clock, emulator } = parts;
  const images = createCancelable({ ...plainPlatform, ...platform })(ai, { clock, limits: { pollMs: 1_000 } });
  const storage = storageOn(emulator);
  const startRows = (count: number, options: Partial<VertexBatchOptions> = {}): Operation => {
    putRows(
      emulator,
      Array.from({ length: count }, (_, index) => String(index)),
    );
    return images.startBatch(SOURCE, { model: lighthouse.model, destination: DESTINATION, storage, ...options });
  };
  return { ...parts, images, storage, startRows };
}

/** The file of the requests, with these keys. */
export function putRows({ bucket }: Pick<Emulator, 'bucket'>, keys: readonly unknown[]): void {
  const rows = keys.map((key) => ({
    ...(key === undefined ? {} : { key }),
    request: { contents: `fox ${String(key)}`, generationConfig: { responseModalities: ['IMAGE'] } },
  }));
  bucket.put(SOURCE, rows.map((row) => JSON.stringify(row)).join('\n'));
}

/** The codes of the warnings of an operation, as they come. */
export function warningsOf(operation: Operation): string[] {
  const codes: string[] = [];
  operation.on('warning', ({ code }) => codes.push(code));
  return codes;
}
