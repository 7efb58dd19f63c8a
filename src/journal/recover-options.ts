import type { CloudStorage } from '../backends/batches/vertex-storage.js';
import type { OperationOptions } from '../options.js';
import type { JournalRecord } from './record.js';
import type { AttachedOperation, ListedOperation, RecoveredByCancel, Recovery, RecoverPolicy } from './recover.js';

/** Options of `attach()`: those of any operation, which apply from here on. */
export interface AttachOptions extends OperationOptions {
  /** A `Storage` of `@google-cloud/storage`, to fetch the results of batches on Vertex with. @default one of the optional package */
  storage?: CloudStorage | undefined;
}

/** Options of `recover()`. */
export interface RecoverOptions extends AttachOptions {
  /** What to do about the operations that are found. */
  policy: RecoverPolicy;
  /** How many operations to take at most: an integer of at least 1. Others stay for other processes. @default no limit */
  limit?: number | undefined;
  /** Which operations to deal with, by their records: the others are not even looked at, and stay. @default all */
  filter?: ((record: JournalRecord) => boolean) | undefined;
}

/** `images.recover()`. */
export interface Recover {
  /** Watches what was left behind, and delivers what it makes: each has an `operation` now. */
  (options: RecoverOptions & { policy: 'attach' }): Promise<Recovery<AttachedOperation>>;
  /** Cancels what was left behind and waits for the reports; those keep what had been made before. What was detached is left alone. */
  (options: RecoverOptions & { policy: 'cancel' }): Promise<Recovery<RecoveredByCancel>>;
  /** Tells what was left behind, and takes nothing. */
  (options: RecoverOptions & { policy: 'list' }): Promise<Recovery>;
  /** With a policy that is known only later. */
  (options: RecoverOptions): Promise<Recovery<ListedOperation & Partial<RecoveredByCancel>>>;
}
