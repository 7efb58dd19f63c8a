import { systemClock, type Clock } from '../util/clock.js';
import type { Fault } from './faults.js';

/** How an emulator behaves; all times in milliseconds of its clock. */
export interface EmulatorOptions {
  /** Where time comes from. Give a `createVirtualClock()` to decide yourself when it passes. @default systemClock */
  clock?: Clock;
  /** How long a job waits in the queue; 0 starts it at once. @default 100 */
  queueMs?: number;
  /** GPU time of one image. @default 4000 */
  workMs?: number;
  /** How long a batch waits before its first item is worked on; 0 starts it at once. @default 1000 */
  batchQueueMs?: number;
  /** How many items of a batch are worked on at the same time, each for `workMs`. @default 1 */
  batchConcurrency?: number;
  /** A batch whose request is larger than so many bytes answers 400. @default 20971520 (20 MB) */
  inlinedLimitBytes?: number;
  /** When given, other API keys get 400 API_KEY_INVALID. Without any credentials the answer is always 403. */
  apiKey?: string;
  /** What a cancel of a job that has ended answers; Google does not document it. @default 400 */
  cancelAfterEnd?: 400 | 404 | 409 | 200;
  /** API versions that exist; others answer 404. @default ['v1beta', 'v1', 'v1beta1'] (the last is Vertex's) */
  apiVersions?: readonly string[];
  /** The server ends a stream after this long. @default 600000 */
  streamLimitMs?: number;
  /** Whether the event `interaction.completed` carries the steps; without them a client has to GET. @default false */
  completedEventHasSteps?: boolean;
  /** Whether a cancelled interaction reports `usage` (of its input); undocumented at Google. @default false */
  usageWhenCancelled?: boolean;
  /** Whether `generateContent` and `predict` stop at the deadline of `X-Server-Timeout`. @default true */
  honoursServerTimeout?: boolean;
  /** Faults in force from the start, and again after `reset()`. */
  faults?: readonly Fault[];
}

/** The options with their defaults filled in. */
export type Settings = Required<Omit<EmulatorOptions, 'apiKey'>> & { readonly apiKey: string | undefined };

export function settingsOf(options: EmulatorOptions): Settings {
  return {
    clock: options.clock ?? systemClock,
    queueMs: duration('queueMs', options.queueMs ?? 100),
    workMs: duration('workMs', options.workMs ?? 4000),
    batchQueueMs: duration('batchQueueMs', options.batchQueueMs ?? 1000),
    batchConcurrency: count('batchConcurrency', options.batchConcurrency ?? 1),
    inlinedLimitBytes: duration('inlinedLimitBytes', options.inlinedLimitBytes ?? 20 * 2 ** 20),
    apiKey: options.apiKey,
    cancelAfterEnd: options.cancelAfterEnd ?? 400,
    apiVersions: options.apiVersions ?? ['v1beta', 'v1', 'v1beta1'],
    streamLimitMs: duration('streamLimitMs', options.streamLimitMs ?? 600_000),
    completedEventHasSteps: options.completedEventHasSteps ?? false,
    usageWhenCancelled: options.usageWhenCancelled ?? false,
    honoursServerTimeout: options.honoursServerTimeout ?? true,
    faults: options.faults ?? [],
  };
}

function duration(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new TypeError(`Expected \`${name}\` to be a finite number >= 0, got \`${value}\` (${typeof value})`);
}

function count(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new TypeError(`Expected \`${name}\` to be an integer >= 1, got \`${value}\` (${typeof value})`);
}
