import { systemClock, type Clock } from '../util/clock.js';
import * as util from '../util/expected.js';
import { compact } from '../util/json.js';
import type { Operation } from './handle.js';
import type { Image } from './images.js';
import { BACKENDS, type BackendName } from './job-name.js';
import { expectJournal, type Journal } from './journal.js';
import type { ProcessSignal } from './report.js';

/** Time limits for experts, in ms. Keys that are left out keep their defaults. */
export interface Limits {
  /** Time to wait for the answer to a create, from its first try. The library cancels a job whose name comes later. @default 120000 */
  submitMs?: number | undefined;
  /** Time without a readable status before a watch is abandoned, with `MayBeRunningError` (`WATCH_LOST`). @default 600000 */
  watchMs?: number | undefined;
  /** Longest time between two status reads where there is no stream. @default 2000, for batches 10000 */
  pollMs?: number | undefined;
  /** Time after a cancel in which a request that cannot be cancelled may still deliver its image. @default 120000 */
  salvageMs?: number | undefined;
  /** Time from a process signal to hand paid images to `onImage` before the process dies (Node, Bun, Deno). @default 8000 */
  shutdownMs?: number | undefined;
  /** Time that cancel calls may hold up the exit of the process (Node, Bun, Deno). 0 turns them off. @default 1500 */
  exitMs?: number | undefined;
}

/** Addresses that Google calls when a job has ended. `receiver()` of `genai-cancel/webhooks` takes the calls. */
export interface Webhook {
  /** One address or more, in place of those that are registered with Google. */
  uris: readonly string[];
  /** Your own data, which Google sends along. It does not document where. */
  userMetadata?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of one operation. Given to `cancelable()` they are the defaults of all operations. */
export interface OperationOptions {
  /** The part of the API to use. `auto`: interactions, or `models` if the server refuses the background. @default 'auto' */
  backend?: 'auto' | BackendName | undefined;
  /** Refuses what the server cannot cancel, with `NotStartedError` (`NOT_CANCELABLE`). @default false */
  requireCancelable?: boolean | undefined;
  /**
   * The number of jobs of one operation that may be on the server at a time: an integer of at least 1.
   * @default 8; 1 for requests that cannot be cancelled, since only what was not sent yet can still be saved there
   */
  maxConcurrency?: number | undefined;
  /**
   * Called once for each image, as soon as it is made, also after a cancel, by `attach()` and `recover()`. Calls may overlap.
   * `result()` waits for their promises, after a trigger no longer than `cancelTimeoutMs`. If one rejects, a `warning` says
   * so. Delivery is at least once: after a crash an image can come again. @default none
   */
  onImage?: ((image: Image, index: number, operation: Operation) => unknown) | undefined;
  /** Cancels the operation on the server when it aborts. `config.abortSignal` does the same; both may be given. */
  cancelSignal?: AbortSignal | undefined;
  /** Cancels the operation on the server after this time, above 0 ms; the reason is a DOMException `TimeoutError`. @default none */
  timeoutMs?: number | undefined;
  /** The longest time from a trigger to the report, in ms. The rest is `unconfirmed` by then. @default 8000 */
  cancelTimeoutMs?: number | undefined;
  /**
   * The process signals that cancel (Node, Bun, Deno): any that the runtime can catch, or `false` for none.
   * @default ['SIGINT', 'SIGTERM', 'SIGHUP'], and SIGBREAK on Windows
   */
  signals?: false | readonly ProcessSignal[] | undefined;
  /** The journal for `recover()`; `false` for none. If it fails, nothing is sent (`JOURNAL_FAILED`). @default none */
  journal?: Journal | false | undefined;
  /** Your own mark, 1 to 256 characters: in the journal and in snapshots, never sent to the server. @default none */
  tag?: string | undefined;
  /** Where Google calls when a job has ended: no stream is opened, and polling gets rare. Not for `models`. @default none */
  webhook?: Webhook | undefined;
  /** Receives warnings without a listener, and debug output. @default warnings go to `console.warn` */
  logger?: Logger | undefined;
  /** Time limits for experts. */
  limits?: Limits | undefined;
}

/** A logger of the application. What it throws is ignored. */
export interface Logger {
  /** Takes a warning that no `warning` listener takes. */
  warn(message: string): void;
  /**
   * Takes a line for each call, response, state and decision, with the operation's id and the time since its start. No line
   * has a key, a header, a prompt or an image. Under Node, `NODE_DEBUG=genai-cancel` prints the same lines to stderr.
   */
  debug?(message: string): void;
}

/** Options of `cancelable()`. */
export interface CancelableOptions extends OperationOptions {
  /** The source of time and timers, for tests. @default the runtime's own */
  clock?: Clock | undefined;
}

/** `limits` with every default filled in; each backend has its own default of `pollMs`. */
type ResolvedLimits = Readonly<Record<Exclude<keyof Limits, 'pollMs'>, number> & { pollMs: number | undefined }>;

/** The options of one operation with every default filled in. */
export interface Settings extends Readonly<
  Pick<OperationOptions, 'maxConcurrency' | 'onImage' | 'timeoutMs' | 'tag' | 'webhook' | 'logger'>
> {
  readonly cancelSignals: readonly AbortSignal[];
  readonly backend: 'auto' | BackendName;
  readonly requireCancelable: boolean;
  readonly cancelTimeoutMs: number;
  readonly signals: readonly ProcessSignal[];
  readonly journal: Journal | undefined;
  readonly limits: ResolvedLimits;
  readonly clock: Clock;
}

const MAX_TAG_LENGTH = 256;

/** The least value and the default of each limit. */
const LIMITS: { readonly [Name in keyof Limits]-?: readonly [number, ResolvedLimits[Name]] } = {
  submitMs: [1, 120_000],
  watchMs: [1, 600_000],
  pollMs: [100, undefined],
  salvageMs: [0, 120_000],
  shutdownMs: [0, 8_000],
  exitMs: [0, 1_500],
};

export const defaultSignals: readonly ProcessSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'];
const CATCHABLE = /^(?!SIG(?:KILL|STOP)$)SIG[A-Z\d]+$/;
const limitNames = Object.keys(LIMITS) as readonly (keyof Limits)[];

/** Checks of the options that are given. */
const checks: Readonly<Record<keyof CancelableOptions, (name: string, value: unknown) => void>> = {
  clock: util.expectClock,
  backend: (name, value) => util.expectOneOf(name, value, ['auto', ...BACKENDS]),
  requireCancelable: util.expectBoolean,
  maxConcurrency: (name, value) => util.expectNumber(name, value, 1, 'integer'),
  onImage: util.expectFunction,
  cancelSignal: util.expectSignal,
  timeoutMs: (name, value) => util.expectNumber(name, value, 0, 'above'),
  cancelTimeoutMs: (name, value) => util.expectNumber(name, value, 0),
  signals: (name, signals) => {
    if (signals === false) return;
    const what = "`false` or a list of process signals such as 'SIGINT'";
    if (!Array.isArray(signals)) throw new TypeError(util.expected(name, what, signals));
    const one = "the name of a signal that can be caught, such as 'SIGINT'";
    for (const signal of signals as readonly unknown[]) {
      if (typeof signal === 'string' && CATCHABLE.test(signal)) continue;
      const hint = typeof signal === 'string' ? util.didYouMean(signal, defaultSignals) : '';
      throw new TypeError(util.expected(`${name}[]`, one, signal) + hint);
    }
  },
  journal: expectJournal,
  tag: (name, tag) => {
    const what = `a string of 1 to ${MAX_TAG_LENGTH} characters`;
    if (typeof tag !== 'string') throw new TypeError(util.expected(name, what, tag));
    if (tag === '' || tag.length > MAX_TAG_LENGTH) throw new RangeError(util.expected(name, what, tag));
  },
  webhook: (name, webhook) => {
    util.expectKnownNames(name, webhook, ['uris', 'userMetadata']);
    const { uris, userMetadata = {} } = webhook as Webhook;
    util.expectSome(`${name}.uris`, uris, util.expectHttpUrl);
    util.expectObject(`${name}.userMetadata`, userMetadata);
  },
  logger: util.optional('an object with warn() and, if it is to have debug output, debug()', (logger) => {
    const { warn, debug } = Object(logger) as Record<string, unknown>;
    return typeof warn === 'function' && (debug === undefined || typeof debug === 'function');
  }),
  limits: (name, limits) => {
    util.expectKnownNames(name, limits, limitNames);
    for (const key of limitNames) util.expectNumber(`${name}.${key}`, (limits as Limits)[key], LIMITS[key][0]);
  },
};

const optionNames = Object.keys(checks) as readonly (keyof CancelableOptions)[];

/** Reads the options of one operation and the `others` beside them: each once, since it may be behind a getter. */
export function readOptions<T extends CancelableOptions>(options: T, others: readonly (keyof T & string)[] = []): T {
  const names = [...optionNames.filter((name) => name !== 'clock'), ...others];
  util.expectKnownNames('options', options, names);
  const given = compact(Object.fromEntries(names.map((name) => [name, options[name]]))) as T;
  for (const name of optionNames) if (name in given) checks[name](name, given[name]);
  return given;
}

/** Fills in the defaults: the options of the call win over those of the client. */
export function resolveSettings(
  defaults: CancelableOptions,
  options: OperationOptions,
  abortSignal: AbortSignal | undefined,
): Settings {
  const { cancelSignal, signals = defaultSignals, journal, ...rest } = { ...defaults, ...options };
  const limitOf = (name: keyof Limits) => [name, options.limits?.[name] ?? defaults.limits?.[name] ?? LIMITS[name][1]];
  return {
    backend: 'auto',
    requireCancelable: false,
    cancelTimeoutMs: 8_000,
    clock: systemClock,
    ...(rest as Partial<Settings>),
    // One listener is enough for a signal that both were given.
    cancelSignals: [...new Set([abortSignal, cancelSignal].filter((signal) => signal !== undefined))],
    signals: signals === false ? [] : [...new Set(signals)],
    journal: journal === false ? undefined : journal,
    limits: Object.fromEntries(limitNames.map(limitOf)) as ResolvedLimits,
  };
}
