import { systemClock, type Clock } from './clock.js';
import {
  expectBoolean,
  expectClock,
  expectKnownNames,
  expectNumber,
  expectOneOf,
  expectSignal,
  expected,
} from './expected.js';
import type { Journal } from './journal/journal.js';
import { expectJournal } from './journal/options.js';
import type { ProcessSignal } from './stop/report.js';

/** Options of `start()` and `generateImages()`; given to `cancelable()` they are the defaults. */
export interface OperationOptions {
  /**
   * Which part of the API makes the images. `interactions` can be cancelled on the server within moments; `batches` (Gemini
   * API) too, take hours and cost half; `models` is fire and forget: `generateContent`, or `generateImages` for Imagen on
   * Vertex. `auto` takes interactions, and `fallback` for a model that the server does not run in the background.
   * @default 'auto'
   */
  backend?: 'auto' | 'interactions' | 'batches' | 'models' | undefined;
  /**
   * What `auto` does when the server does not run a model in the background: make the images by requests that cannot be
   * cancelled, with a `warning`; or by a batch; or fail with `BackgroundUnsupportedError`. @default 'models'
   */
  fallback?: 'models' | 'batches' | 'error' | undefined;
  /** Refuses what could not be cancelled on the server, with `NotCancelableError` or `BackgroundUnsupportedError`. @default false */
  requireCancelable?: boolean | undefined;
  /** Takes Google's replacement for an Imagen model that was shut down, with a `warning`. @default false */
  migrateImagen?: boolean | undefined;
  /**
   * Whether a request that cannot be cancelled is left to finish after a stop, since its images are paid for: `salvaged()`
   * and the `image` event deliver them. `false` closes its connection. @default true
   */
  salvage?: boolean | undefined;
  /** How long such a request is left to finish, in ms. @default 120000 */
  salvageTimeoutMs?: number | undefined;
  /** How many jobs of an operation may be on the server at once: an integer of at least 1. @default no limit */
  maxConcurrency?: number | undefined;
  /** Stops the operation on the server when it aborts. `config.abortSignal` does the same; both may be given. */
  cancelSignal?: AbortSignal | undefined;
  /** Stops the operation on the server after so many ms; the reason is a DOMException `TimeoutError`. @default none */
  timeoutMs?: number | undefined;
  /**
   * How long a stop may take, in ms, from the trigger to the report. What is not confirmed by then is reported as
   * `unconfirmed`. The default stays under the 10 s that Docker and Cloud Run give a process. @default 8000
   */
  cancelTimeoutMs?: number | undefined;
  /**
   * How long to wait for the answer to one create, in ms. Then the operation fails with `SubmitUnknownError`; a name that
   * arrives even later is cancelled. @default 120000
   */
  submitTimeoutMs?: number | undefined;
  /**
   * When to read the status of a cancelled job once more, in ms after the report. If it has turned to completed, a
   * `cancel-reversed` warning says so, and the `image` event and `salvaged()` deliver what was made. @default not at all
   */
  laterLookMs?: number | undefined;
  /**
   * How long a watch may go without one good status, in ms, before it ends with `WatchLostError`; and how long a request that
   * cannot be cancelled may go without an answer, before it ends with `SubmitUnknownError`. @default 600000
   */
  watchFailureMs?: number | undefined;
  /** Time between two status reads, in ms, where no stream can be had. @default 2000, for batches 10000 */
  pollIntervalMs?: number | undefined;
  /** What `result()` does when a stop lost the race and every image was made. @default 'reject' */
  onCompletedAnyway?: 'reject' | 'resolve' | undefined;
  /**
   * The process signals that cancel what is in flight (Node, Bun, Deno): `false` for none, or a list. It has no effect in
   * other runtimes. @default ['SIGINT', 'SIGTERM', 'SIGHUP'], and SIGBREAK on Windows
   */
  signals?: boolean | readonly ProcessSignal[] | undefined;
  /**
   * How long the exit of the process may be held up, in ms, to get the cancel calls of what is still in flight out (Node,
   * Bun, Deno). 0 turns it off. @default 1500
   */
  exitTimeoutMs?: number | undefined;
  /**
   * Where operations are written down, so that `recover()` finds their jobs after a crash: before their creates are sent, and
   * again with the names. A start that cannot be written down fails with `JournalError`, and nothing is sent. @default none
   */
  journal?: Journal | false | undefined;
  /** Whether prompts are written into the journal, too. @default false */
  journalPrompts?: boolean | undefined;
  /**
   * Yours, to recognise the operation by after a crash: it is in `toJSON()` and in the journal, and never sent to the server.
   * A string of 1 to 256 characters. @default none
   */
  tag?: string | undefined;
}

/** Options of `cancelable()`. */
export interface CancelableOptions extends OperationOptions {
  /** Where time and timers come from. @default the runtime's own */
  clock?: Clock | undefined;
}

/** The options of one operation with every default filled in. */
export interface Settings {
  readonly cancelSignals: readonly AbortSignal[];
  readonly backend: 'auto' | 'interactions' | 'batches' | 'models';
  readonly fallback: 'models' | 'batches' | 'error';
  readonly requireCancelable: boolean;
  readonly migrateImagen: boolean;
  readonly salvage: boolean;
  readonly salvageTimeoutMs: number;
  readonly maxConcurrency: number;
  readonly timeoutMs: number | undefined;
  readonly cancelTimeoutMs: number;
  readonly laterLookMs: number | undefined;
  readonly submitTimeoutMs: number;
  readonly watchFailureMs: number;
  readonly pollIntervalMs: number | undefined;
  readonly onCompletedAnyway: 'reject' | 'resolve';
  readonly signals: readonly ProcessSignal[];
  readonly exitTimeoutMs: number;
  readonly journal: Journal | undefined;
  readonly journalPrompts: boolean;
  readonly tag: string | undefined;
  readonly clock: Clock;
}

const MAX_TAG_LENGTH = 256;

const processSignals: readonly ProcessSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'];

const operationOptionNames = [
  'backend',
  'fallback',
  'requireCancelable',
  'migrateImagen',
  'salvage',
  'salvageTimeoutMs',
  'maxConcurrency',
  'cancelSignal',
  'timeoutMs',
  'cancelTimeoutMs',
  'laterLookMs',
  'submitTimeoutMs',
  'watchFailureMs',
  'pollIntervalMs',
  'onCompletedAnyway',
  'signals',
  'exitTimeoutMs',
  'journal',
  'journalPrompts',
  'tag',
] as const satisfies readonly (keyof OperationOptions)[];

/** Checks the options of one operation. Throws a `TypeError` or `RangeError` that names the option. */
export function checkOperationOptions(options: OperationOptions): void {
  expectKnownNames('options', options, operationOptionNames);
  checkValues(options);
}

/** Checks the options of `cancelable()`. */
export function checkCancelableOptions(options: CancelableOptions): void {
  expectKnownNames('options', options, [...operationOptionNames, 'clock']);
  checkValues(options);
  expectClock('clock', options.clock);
}

function checkValues(options: OperationOptions): void {
  expectOneOf('backend', options.backend, ['auto', 'interactions', 'batches', 'models']);
  expectOneOf('fallback', options.fallback, ['models', 'batches', 'error']);
  expectBoolean('requireCancelable', options.requireCancelable);
  expectBoolean('migrateImagen', options.migrateImagen);
  expectBoolean('salvage', options.salvage);
  expectNumber('salvageTimeoutMs', options.salvageTimeoutMs, 0);
  expectNumber('maxConcurrency', options.maxConcurrency, 1, 'integer');
  expectSignal('cancelSignal', options.cancelSignal);
  expectNumber('timeoutMs', options.timeoutMs, 0);
  expectNumber('cancelTimeoutMs', options.cancelTimeoutMs, 0);
  expectNumber('laterLookMs', options.laterLookMs, 0);
  expectNumber('submitTimeoutMs', options.submitTimeoutMs, 1);
  expectNumber('watchFailureMs', options.watchFailureMs, 1);
  expectNumber('pollIntervalMs', options.pollIntervalMs, 100);
  expectOneOf('onCompletedAnyway', options.onCompletedAnyway, ['reject', 'resolve']);
  checkSignals(options.signals);
  expectNumber('exitTimeoutMs', options.exitTimeoutMs, 0);
  expectJournal('journal', options.journal);
  expectBoolean('journalPrompts', options.journalPrompts);
  checkTag(options.tag);
}

function checkTag(tag: unknown): void {
  if (tag === undefined) return;
  const what = `a string of 1 to ${MAX_TAG_LENGTH} characters`;
  if (typeof tag !== 'string') throw new TypeError(expected('tag', what, tag));
  if (tag === '' || tag.length > MAX_TAG_LENGTH) throw new RangeError(expected('tag', what, tag));
}

function checkSignals(signals: OperationOptions['signals']): void {
  if (signals === undefined || typeof signals === 'boolean') return;
  if (!Array.isArray(signals))
    throw new TypeError(expected('signals', 'a boolean or a list of process signals', signals));
  for (const signal of signals) expectOneOf('signals[]', signal, processSignals);
}

/** Fills in the defaults: what the call says wins over what the client says. */
export function resolveSettings(
  defaults: CancelableOptions,
  options: OperationOptions,
  abortSignal: AbortSignal | undefined,
): Settings {
  const merged: CancelableOptions = { ...defaults, ...withoutUndefined(options) };
  return {
    // A signal that both were given is listened to once.
    cancelSignals: [...new Set([abortSignal, merged.cancelSignal].filter((signal) => signal !== undefined))],
    backend: merged.backend ?? 'auto',
    fallback: merged.fallback ?? 'models',
    requireCancelable: merged.requireCancelable ?? false,
    migrateImagen: merged.migrateImagen ?? false,
    salvage: merged.salvage ?? true,
    salvageTimeoutMs: merged.salvageTimeoutMs ?? 120_000,
    maxConcurrency: merged.maxConcurrency ?? Infinity,
    timeoutMs: merged.timeoutMs,
    cancelTimeoutMs: merged.cancelTimeoutMs ?? 8_000,
    laterLookMs: merged.laterLookMs,
    submitTimeoutMs: merged.submitTimeoutMs ?? 120_000,
    watchFailureMs: merged.watchFailureMs ?? 600_000,
    pollIntervalMs: merged.pollIntervalMs,
    onCompletedAnyway: merged.onCompletedAnyway ?? 'reject',
    signals: resolveSignals(merged.signals),
    exitTimeoutMs: merged.exitTimeoutMs ?? 1_500,
    journal: merged.journal === false ? undefined : merged.journal,
    journalPrompts: merged.journalPrompts ?? false,
    tag: merged.tag,
    clock: merged.clock ?? systemClock,
  };
}

function resolveSignals(signals: OperationOptions['signals']): readonly ProcessSignal[] {
  if (signals === false) return [];
  return signals === undefined || signals === true ? processSignals : [...new Set(signals)];
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
