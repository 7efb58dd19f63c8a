import { NotStartedError, UnsupportedParameterError, type ErrorDetails, type RemoteError } from '../api/errors.js';
import type { Warn } from '../api/events.js';
import type { BackendName } from '../api/job-name.js';
import type { Settings } from '../api/options.js';
import { backends } from '../google/backends.js';
import { checkSupported, type ImageRequest } from '../google/parameters.js';
import { isImagen, KNOWN_MODELS, replacementOf } from '../google/retired-models.js';
import type { GenAIClient } from '../google/sdk.js';
import type { Fallback, Observed, Plan } from '../operation/job/plan.js';
import { notCancelable, REFUSED } from '../operation/job/submit-failure.js';
import { compact } from '../util/json.js';
import type { ModelMemory } from './capabilities.js';

interface Facts {
  readonly asked: Settings['backend'];
  readonly host: 'gemini' | 'vertex';
  /** Google has shut down all Imagen models, and some others. */
  readonly kind: 'imagen' | 'retired' | 'current';
  readonly requireCancelable: boolean;
  readonly observed: Observed | undefined;
  readonly model: string;
  /** The server's answer, if it has just refused the background. */
  readonly refusal?: RemoteError;
}

interface Candidate {
  readonly when: { readonly [Name in keyof Facts]?: Facts[Name] | readonly Facts[Name][] };
  /** @default the backend that was asked for; interactions for `auto` */
  readonly use?: BackendName;
  readonly refuse?: (facts: Facts, details?: ErrorDetails) => Error;
  /** Why a cancel will not reach the requests: a warning or, with `requireCancelable`, a refusal. */
  readonly why?: (facts: Facts) => string;
  readonly concurrency?: number;
}

const askedFor = ({ asked }: Facts): string => `the backend \`${asked}\` was asked for`;
const notInBackground = ({ refusal }: Facts): string =>
  refusal === undefined ? REFUSED : `${REFUSED} (${refusal.message})`;
const cancelsRefused = (): string => 'the server has refused the cancels of its jobs';

const uncancelable =
  (why: (facts: Facts) => string) =>
  (facts: Facts, details?: ErrorDetails): Error =>
    notCancelable(facts.model, why(facts), details);

const CANCELS_REFUSED = { asked: ['auto', 'interactions'], observed: 'cancel-refused' } as const;

/** The first row that matches decides. Without one, nothing is known against what was asked for. */
const CANDIDATES: readonly Candidate[] = [
  // A project on Vertex may still have an Imagen model: it is sent to where it was asked for on purpose.
  { when: { asked: 'models', host: 'vertex', kind: 'imagen' }, why: askedFor },
  { when: { kind: ['imagen', 'retired'] }, refuse: ({ model }) => retired(model) },
  { when: { asked: 'batches', host: 'vertex' }, refuse: () => inlinedOnVertex() },
  { when: { asked: 'interactions', observed: 'background-refused' }, refuse: uncancelable(notInBackground) },
  { when: { asked: 'auto', observed: 'background-refused' }, use: 'models', why: notInBackground },
  { when: { ...CANCELS_REFUSED, requireCancelable: true }, refuse: uncancelable(cancelsRefused) },
  // Only a job that was not sent yet can still be saved there.
  { when: CANCELS_REFUSED, concurrency: 1 },
  { when: { asked: 'models' }, why: askedFor },
];

function candidateFor(facts: Facts): Omit<Candidate, 'when'> & { readonly use: BackendName } {
  const isMet = ([name, wanted]: [string, unknown]): boolean => [wanted].flat().includes(facts[name as keyof Facts]);
  const found = CANDIDATES.find(({ when }) => Object.entries(when).every(isMet));
  const refuse = facts.requireCancelable && found?.why !== undefined ? { refuse: uncancelable(found.why) } : {};
  return { use: facts.asked === 'auto' ? 'interactions' : facts.asked, ...found, ...refuse };
}

/** Chooses the backend before anything is sent. Throws `UnsupportedParameterError`, and `NotStartedError`. */
export function chooseBackend(
  client: GenAIClient,
  request: ImageRequest,
  settings: Settings,
  memory: ModelMemory,
): Plan {
  const { model, numberOfImages } = request;
  const { backend: asked, requireCancelable } = settings;
  const hasWebhook = settings.webhook !== undefined;
  if (hasWebhook && asked === 'models') throw noWebhook('fire-and-forget requests');
  const host = client.vertexai ? 'vertex' : 'gemini';
  const kind = isImagen(model) ? 'imagen' : replacementOf(model) === undefined ? 'current' : 'retired';
  const observed = memory.of(model)?.observed;
  const facts: Facts = { asked, host, kind, requireCancelable, observed, model };
  const { use, refuse, why, concurrency } = candidateFor(facts);
  if (refuse !== undefined) throw refuse(facts);
  const create = (name: BackendName): Plan['backend'] => {
    checkSupported(request, backends[name].targetOf(client, model));
    return backends[name].create(client, request, settings.timeoutMs);
  };
  const announce = (warn: Warn, reason: string): void => {
    warn('not-cancelable', uncancelableMessage(model, reason, settings), () => memory.isNews(model));
    if (hasWebhook) warn('webhook-ignored', 'The `webhook` is left out: there is none for fire-and-forget requests.');
  };
  const plan = { backend: create(use), numberOfImages };
  if (why !== undefined) return { ...plan, announce: (warn) => announce(warn, why(facts)) };
  if (use !== 'interactions') return plan;
  return {
    ...plan,
    ...compact({ concurrency }),
    observe: (observed, at) => memory.observe(model, observed, at),
    // The table is asked again, with the refusal as a fact.
    fallBack: (refusal, warn) => {
      const refused: Facts = { ...facts, observed: 'background-refused', refusal };
      const fallback = fallbackFor(refused, refusal, create);
      if ('backend' in fallback) announce(warn, notInBackground(refused));
      return fallback;
    },
  };
}

/** The requests that cannot be cancelled may take fewer parameters. Nothing is sent for images that they cannot make. */
function fallbackFor(facts: Facts, cause: RemoteError, create: (name: BackendName) => Plan['backend']): Fallback {
  const { use, refuse } = candidateFor(facts);
  if (refuse !== undefined) return { failure: (jobs) => refuse(facts, { cause, jobs }) };
  try {
    return { backend: create(use) };
  } catch (error) {
    if (!(error instanceof UnsupportedParameterError)) throw error;
    const message = `${facts.model}: ${REFUSED}, and without that: ${error.message}`;
    return { failure: (jobs) => new NotStartedError('NOT_CANCELABLE', message, { cause, jobs }) };
  }
}

function uncancelableMessage(model: string, why: string, { maxConcurrency = 1 }: Settings): string {
  const pace =
    maxConcurrency === 1
      ? 'The images are therefore made one at a time (`maxConcurrency` changes that): a cancel saves those that were not sent.'
      : `Up to ${maxConcurrency} images are made at a time (\`maxConcurrency\`): a cancel saves those that were not sent.`;
  return [
    `${model} cannot be cancelled on the server, because ${why}: a cancel does not reach these requests, and what is started runs to its end and is charged.`,
    pace,
    'The image in the making is lost on Ctrl+C without `onImage`, and on abort or timeout without `onImage` or an `image` listener.',
    "Or use `requireCancelable: true`, which refuses such requests, or `backend: 'batches'` (half the price, may take hours).",
  ].join(' ');
}

function retired(model: string): NotStartedError {
  const message = `Google has shut down ${model}. Use ${replacementOf(model) ?? ''}. ${KNOWN_MODELS}`;
  return new NotStartedError('MODEL_RETIRED', message);
}

export function refuseRetired(model: string): void {
  if (replacementOf(model) !== undefined) throw retired(model);
}

export function inlinedOnVertex(): UnsupportedParameterError {
  const why = 'batches on Vertex take their requests from Cloud Storage or BigQuery only';
  const instead =
    "There, use 'interactions' or 'models', or startBatch('gs://bucket/requests.jsonl', { model, destination: 'gs://bucket/results' }).";
  return new UnsupportedParameterError([{ parameter: 'backend', why, instead }]);
}

export function noWebhook(requests: string): UnsupportedParameterError {
  const why = `the server calls no webhook for ${requests}`;
  const instead = "Leave it out, or use the backend 'interactions' or 'batches' of the Gemini API.";
  return new UnsupportedParameterError([{ parameter: 'webhook', why, instead }]);
}
