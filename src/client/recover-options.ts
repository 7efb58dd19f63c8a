import type { CloudStorage } from '../api/cloud-storage.js';
import type { OperationOptions } from '../api/options.js';
import type { JournalRecord } from '../journal/record.js';

/** Options of `attach()`: those of any operation, which apply from here on. */
export interface AttachOptions extends OperationOptions {
  /** A `Storage` of `@google-cloud/storage`, to read the results of batches on Vertex with. @default none */
  storage?: CloudStorage | undefined;
}

/** The handling of operations whose process is gone. */
export type RecoverPolicy = 'attach' | 'cancel';

/** Options of `recover()`. */
export interface RecoverOptions extends AttachOptions {
  /** `attach` watches the operations and delivers their images. `cancel` cancels them on the server. @default 'attach' */
  policy?: RecoverPolicy | undefined;
  /** The most operations to take: an integer of at least 1. Others stay for other processes. @default no limit */
  limit?: number | undefined;
  /** Chooses operations by their records. Others stay, and are not listed. @default all */
  filter?: ((record: JournalRecord) => boolean) | undefined;
}
