export type { Cancelable } from './client/cancelable.js';
export type { CancelableImages } from './client/cancelable-images.js';
export type { Clock, ClockTimer } from './util/clock.js';
export type { ModelCapabilities } from './client/capabilities.js';
export type { StartBatch } from './client/start-batch.js';
export type { CloudStorage, CloudStorageBucket } from './api/cloud-storage.js';
export type { GenAIClient } from './google/sdk.js';
export type { CancelableOptions, Limits, Logger, OperationOptions } from './api/options.js';
export type { AttachOptions, RecoverOptions, RecoverPolicy } from './client/recover-options.js';
export type { RecoveredOperation, Recovery, SkippedOperation, SkipReason } from './client/recover.js';
export type { JournalRecord } from './journal/record.js';
export { readJournal, type JournalContents, type JournaledOperation } from './journal/read.js';
export type { BatchOptions, BatchRequest, VertexBatchOptions } from './google/batch-parameters.js';
export type {
  GeneratedImage,
  GenerateImagesConfig,
  GenerateImagesParameters,
  GenerateImagesResponse,
  Image,
} from './api/images.js';
export type { Operation, WaitOptions } from './api/handle.js';
export type { OperationEvent, OperationEvents, OperationState, WarningCode } from './api/events.js';
export type { BackendName } from './api/job-name.js';
export type { JobReference, JobSnapshot, JobState } from './api/snapshot.js';
export type { OperationSnapshot, ServerReference } from './api/snapshot.js';
export type {
  Billing,
  CancelledJob,
  CancelOutcome,
  CancelReport,
  CancelTrigger,
  ImageCounts,
  Leftover,
  ProcessSignal,
  Usage,
} from './api/report.js';
export { GenaiCancelError } from './api/errors.js';
export { MayBeRunningError, type MayBeRunningCode } from './api/errors.js';
export { NotStartedError, type NotStartedCode } from './api/errors.js';
export { OperationCancelledError } from './api/errors.js';
export { OperationFailedError, type OperationFailedCode } from './api/errors.js';
export { RemoteError } from './api/errors.js';
export { UnsupportedParameterError, type UnsupportedParameter } from './api/errors.js';
export type { Journal, JournalClaim, JournalEntry, JournalListing, UnreadableEntry } from './api/journal.js';
export { memoryJournal, type MemoryJournalEntry, type MemoryJournalOptions } from './journal/memory.js';
export {
  postgresJournal,
  type PostgresClient,
  type PostgresJournal,
  type PostgresJournalOptions,
} from './journal/postgres/postgres-journal.js';
export { redisJournal, type RedisClient, type RedisJournalOptions } from './journal/redis/redis-journal.js';
