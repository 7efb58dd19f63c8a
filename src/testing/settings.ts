import { systemClock, type Clock } from '../util/clock.js';
import * as is from './check.js';
import type { Fault, Refusal } from './faults.js';
import type { JsonObject } from './json.js';
import { RETIRED_MODELS } from './models.js';
import { CREATES, ROUTES, type Route } from './routes.js';

/** The answer to reads or cancels of an interaction that still runs: `forbidden` is 403, `not-found` 404. */
export type Access = 'allowed' | 'forbidden' | 'not-found';

/** An endpoint that is registered for all jobs whose create names none. */
export interface RegisteredWebhook {
  uri: string;
  /** The secrets that sign (`whsec_…`): two while one is rotated. */
  secrets: readonly string[];
}

/** Webhooks of an emulator, and how deliveries go wrong. */
export interface WebhookSettings {
  /** Their deliveries have a Standard Webhooks signature, those to the `uris` of a create an RS256 JWT. @default none */
  registered?: readonly RegisteredWebhook[];
  /** Sends the deliveries. @default globalThis.fetch */
  fetch?: typeof fetch;
  /** How often a delivery is sent again although it was taken. @default 0 */
  duplicates?: number;
  /** Each delivery waits for up to so many ms, so that they come in another order. @default 0 */
  shuffleMs?: number;
  /** Pauses in ms before a delivery that was not taken is sent again. @default from 5 s to 6 h, in all 24 h */
  retryMs?: readonly number[];
  /** Whether `data.id` has its collection in front, which Google does not document. @default false */
  fullIds?: boolean;
}

/** The webhook that a create names. */
export interface WebhookTarget {
  readonly uris: readonly string[];
  readonly userMetadata?: JsonObject | undefined;
}

/** The settings of an emulator, all times in milliseconds of its clock. Unknown names are refused. */
export interface EmulatorOptions {
  /** The source of time. Give a `createVirtualClock()` to decide yourself when it passes. @default systemClock */
  clock?: Clock;
  /** How long a job waits before the work. With 0 its first status is `in_progress`, else `queued`. @default 0 */
  queueMs?: number;
  /** GPU time of one image. @default 4000 */
  workMs?: number;
  /** How long a batch waits before its first item is worked on; 0 starts it at once. @default 1000 */
  batchQueueMs?: number;
  /** How many items of a batch are worked on at the same time, each for `workMs`. @default 1 */
  batchConcurrency?: number;
  /** The order of the list of batches, which Google does not document. @default 'newest' (first) */
  batchListOrder?: 'newest' | 'oldest' | 'shuffled';
  /**
   * Whether a create with `background: true` is accepted. `'refused'` is Google's 400 for models; a `Refusal` is another
   * answer. One with the status 400 meets background creates only, any other meets all creates. @default 'accepted'
   */
  background?: 'accepted' | 'refused' | Refusal;
  /** Whether `stream: true` goes together with `background: true`; Google contradicts itself. @default 'refused' */
  backgroundStream?: 'accepted' | 'refused';
  /**
   * Whether an interaction can be read, and cancelled, as long as it runs. A stream opens also where reads are forbidden.
   * @default { reads: 'allowed', cancels: 'allowed' }
   */
  whileRunning?: { reads?: Access; cancels?: Access };
  /** The answer to a cancel of a job that has ended; Google does not document it. @default 400 */
  cancelAfterEnd?: 400 | 404 | 409 | 200;
  /** The treatment of models that the emulator does not know: `strict` answers 404, `lenient` warns. @default 'lenient' */
  models?: 'strict' | 'lenient';
  /** Models that were shut down: 404. A `*` at the end stands for any letters. @default Imagen, and those of 2026 */
  retired?: readonly string[];
  /** Receives warnings: one for each model that is not known. @default console.warn */
  warn?: (message: string) => void;
  /** A request of `generateContent` or for a batch that is larger, in bytes, answers 400. @default 20971520 (20 MB) */
  inlinedLimitBytes?: number;
  /** The same for interactions, where Google documents no limit. @default Infinity */
  interactionLimitBytes?: number;
  /** Letters in the signature of a thought; with Google they are millions. @default 64 */
  thoughtSignatureLength?: number;
  /** When given, other API keys are refused. Requests without any credentials always are. */
  apiKey?: string;
  /** API versions that exist; of others, a create of an interaction answers 400, all else 404. @default ['v1beta', 'v1', 'v1beta1'] */
  apiVersions?: readonly string[];
  /** The server ends a stream after this long. @default 600000 */
  streamLimitMs?: number;
  /** Whether the event `interaction.completed` carries the steps; without them a client has to GET. @default false */
  completedEventHasSteps?: boolean;
  /** Whether a cancelled interaction reports `usage` (of its input); undocumented at Google. @default false */
  usageWhenCancelled?: boolean;
  /** Whether `generateContent` and `predict` stop at the deadline of `X-Server-Timeout`. @default true */
  honoursServerTimeout?: boolean;
  /** Webhooks, and how their deliveries go wrong. @default none are registered */
  webhooks?: WebhookSettings;
  /** Faults in force from the start, and again after `reset()`. */
  faults?: readonly Fault[];
}

export type Settings = Required<Omit<EmulatorOptions, 'apiKey'>> & { readonly apiKey: string | undefined };

const REFUSAL: is.Checks = { status: is.oneOf(400, 404, 405, 501), message: is.text, gateway: is.flag };
const access = is.oneOf('allowed', 'forbidden', 'not-found');
const WEBHOOKS: is.Checks = {
  registered: is.listOf(is.objectOf({ uri: is.text, secrets: is.listOf(is.text) })),
  fetch: is.callback,
  duplicates: is.integer(0),
  shuffleMs: is.integer(0),
  retryMs: is.listOf(is.duration),
  fullIds: is.flag,
};
const SETTINGS: { readonly [K in keyof Settings]: readonly [is.Check, Settings[K]] } = {
  clock: [is.clock, systemClock],
  queueMs: [is.duration, 0],
  workMs: [is.duration, 4000],
  batchQueueMs: [is.duration, 1000],
  batchConcurrency: [is.integer(1), 1],
  batchListOrder: [is.oneOf('newest', 'oldest', 'shuffled'), 'newest'],
  background: [is.either(is.oneOf('accepted', 'refused'), is.objectOf(REFUSAL)), 'accepted'],
  backgroundStream: [is.oneOf('accepted', 'refused'), 'refused'],
  whileRunning: [is.objectOf({ reads: access, cancels: access }), {}],
  cancelAfterEnd: [is.oneOf(400, 404, 409, 200), 400],
  models: [is.oneOf('strict', 'lenient'), 'lenient'],
  retired: [is.listOf(is.text), RETIRED_MODELS],
  // eslint-disable-next-line no-console -- where a program that gives nothing else looks
  warn: [is.callback, (message) => console.warn(message)],
  inlinedLimitBytes: [is.amount, 20 * 2 ** 20],
  interactionLimitBytes: [is.amount, Infinity],
  thoughtSignatureLength: [is.integer(0), 64],
  apiKey: [is.text, undefined],
  apiVersions: [is.listOf(is.text), ['v1beta', 'v1', 'v1beta1']],
  streamLimitMs: [is.duration, 600_000],
  completedEventHasSteps: [is.flag, false],
  usageWhenCancelled: [is.flag, false],
  honoursServerTimeout: [is.flag, true],
  webhooks: [is.objectOf(WEBHOOKS), {}],
  faults: [is.listOf(is.object), []],
};

export function settingsOf(options: EmulatorOptions): Settings {
  const table = Object.entries(SETTINGS) as readonly (readonly [keyof Settings, readonly [is.Check, unknown]])[];
  const given = is.verifyFields('setting', options, Object.fromEntries(table.map(([name, [check]]) => [name, check])));
  return Object.fromEntries(table.map(([name, [, value]]) => [name, given[name] ?? value])) as unknown as Settings;
}

/** The fields of one kind of fault, a `!` marking those that it must have, and the routes that it can strike on. */
type Kind = readonly [fields: is.Checks, routes?: readonly Route[]];

const SCOPE: is.Checks = {
  kind: is.text,
  route: is.oneOf(...ROUTES, '*'),
  times: is.amount,
  skip: is.amount,
  fromMs: is.amount,
  forMs: is.amount,
  model: is.text,
  job: is.either(is.text, is.integer(0)),
};

const httpStatus = is.integer(200);
const item = is.either(is.integer(0), is.oneOf('*'));
const when = is.oneOf('before', 'after');
const words = { message: is.text, code: is.text, quotaId: is.text, gateway: is.flag, headers: is.object };
const CANCELS = ['cancel', 'batch-cancel'] as const;

const KINDS: Readonly<Record<Fault['kind'], Kind>> = {
  status: [{ 'status!': httpStatus, ...words, retryDelayMs: is.duration, body: is.anything, when }],
  page: [{ 'status!': is.oneOf(502, 503, 504), when }],
  reset: [{ when }],
  hang: [{ when }],
  garbage: [{ body: is.text, contentType: is.text, when }],
  json: [{ 'body!': is.anything, status: httpStatus, when }],
  delay: [{ 'ms!': is.amount, when }],
  'content-type': [{ value: is.text }],
  'cut-body': [{ bytes: is.integer(0), how: is.oneOf('end', 'reset') }],
  cut: [{ 'afterEvents!': is.integer(0), 'how!': is.oneOf('end', 'reset', 'error', 'garbage') }, ['stream']],
  silent: [{}, ['stream']],
  'stream-as-json': [{}, ['stream']],
  'cancel-lag': [{ 'ms!': is.amount }, CANCELS],
  'cancel-499': [{}, CANCELS],
  'cancel-ignored': [{}, CANCELS],
  'forbidden-while-running': [{}, ['get', 'batch-get', ...CANCELS]],
  'background-refused': [REFUSAL, ['create']],
  'list-lag': [{ 'ms!': is.amount }, ['batch-list']],
  refuse: [{ text: is.text, item }, CREATES],
  fail: [{ message: is.text, code: is.text, item }, CREATES],
  end: [{ 'status!': is.text, lastsMs: is.duration }, CREATES],
  'image-as-uri': [{}, ['create']],
  expire: [{ afterMs: is.amount }, ['batch-create']],
};

/** Returns a copy of a fault. @throws TypeError for one that is misspelt, lacks something, or can never strike */
export function verifyFault(fault: Fault): Fault {
  is.verify('fault', fault, is.object);
  const { kind, route = '*' } = fault;
  if (!Object.hasOwn(KINDS, kind)) throw is.unknownName('kind of fault', kind, Object.keys(KINDS));
  const [marked, ofKind = ROUTES] = KINDS[kind];
  const routes: readonly Route[] = fault.item === undefined ? ofKind : ['batch-create'];
  const fields = Object.fromEntries(Object.entries(marked).map(([name, check]) => [name.replace('!', ''), check]));
  const given = is.verifyFields(`field of the fault \`${kind}\``, fault, { ...SCOPE, ...fields });
  const missing = Object.keys(fields).find((name) => `${name}!` in marked && !(name in given));
  if (missing !== undefined)
    throw new TypeError(`The fault \`${kind}\` needs \`${missing}\`, ${fields[missing]?.words ?? ''}`);
  if (route === '*' || routes.includes(route)) return given as unknown as Fault;
  throw new TypeError(
    `The fault \`${kind}\` never strikes on the route \`${route}\`. It does on: ${routes.join(', ')}`,
  );
}
