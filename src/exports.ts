export type { Cancelable } from './cancelable.js';
export type { CancelableImages } from './cancelable-images.js';
export type { Clock, ClockTimer } from './clock.js';
export type { ModelCapabilities } from './backends/capabilities.js';
export type { StartBatch } from './backends/batches/start-batch.js';
export type { CloudStorage, CloudStorageBucket } from './cloud-storage.js';
export type { GenAIClient } from './backends/sdk.js';
export type { CancelableOptions, Limits, OperationOptions } from './options.js';
export type { AttachOptions, RecoverOptions } from './journal/recover-options.js';
export type { RecoveredOperation, Recovery, RecoverPolicy, SkippedOperation, SkipReason } from './journal/recover.js';
export type { JournalRecord } from './journal/record.js';
export { readJournal, type JournalContents, type JournaledOperation } from './journal/read.js';
export type { BatchOptions, BatchRequest, VertexBatchOptions } from './images/batch-parameters.js';
export type {
  GeneratedImage,
  GenerateImagesConfig,
  GenerateImagesParameters,
  GenerateImagesResponse,
  Image,
} from './images/types.js';
export type { Operation, WaitOptions } from './operation/handle.js';
export type { OperationEvent, OperationEvents, OperationState, WarningCode } from './operation/events.js';
export type { BackendName, JobReference, JobSnapshot, JobState } from './operation/job-snapshot.js';
export type { OperationSnapshot, ServerReference } from './operation/snapshot.js';
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
} from './stop/report.js';
export { GenaiCancelError } from './errors/base-error.js';
export { MayBeRunningError, type MayBeRunningCode } from './errors/may-be-running-error.js';
export { NotStartedError, type NotStartedCode } from './errors/not-started-error.js';
export { OperationCancelledError } from './errors/operation-cancelled-error.js';
export { OperationFailedError, type OperationFailedCode } from './errors/operation-failed-error.js';
export { RemoteError } from './errors/remote-error.js';
export { UnsupportedParameterError, type UnsupportedParameter } from './errors/unsupported-parameter-error.js';
export type { Journal, JournalClaim, JournalEntry, JournalListing, UnreadableEntry } from './journal/journal.js';
export { memoryJournal, type MemoryJournalEntry, type MemoryJournalOptions } from './journal/memory.js';
export {
  postgresJournal,
  type PostgresClient,
  type PostgresJournal,
  type PostgresJournalOptions,
} from './journal/postgres.js';
export { redisJournal, type RedisClient, type RedisJournalOptions } from './journal/redis.js';
