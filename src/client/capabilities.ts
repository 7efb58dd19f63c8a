import { expectMatch } from '../util/expected.js';
import { replacementOf } from '../google/retired-models.js';
import type { Observed } from '../operation/job/plan.js';
import { REFUSED } from '../operation/job/submit-failure.js';

/** Facts about a model, for the backend that `auto` would use on the host of a client. */
export interface ModelCapabilities {
  /** Whether the server can cancel what the model makes. */
  readonly cancelable: 'yes' | 'no' | 'unknown';
  /** The kind of evidence: documented by Google, observed by this client, or none. */
  readonly known: 'documented' | 'observed' | 'unknown';
  /** The evidence, in a sentence. */
  readonly basis: string;
  /** The document that says so. */
  readonly source?: string;
  /** When it was observed, in ms since the epoch. */
  readonly observedAt?: number;
}

export function capabilitiesOf(model: string, memory: ModelMemory): ModelCapabilities {
  expectMatch('model', model, /\S/, 'a string that is not empty');
  const replacement = replacementOf(model);
  if (replacement !== undefined) {
    return {
      cancelable: 'no',
      known: 'documented',
      basis: `Google has shut it down, and names ${replacement} in its place.`,
      source: 'https://ai.google.dev/gemini-api/docs/deprecations',
    };
  }
  const observation = memory.of(model);
  if (observation === undefined) return { cancelable: 'unknown', known: 'unknown', basis: UNDOCUMENTED };
  return { ...OBSERVED[observation.observed], known: 'observed', observedAt: observation.at };
}

const UNDOCUMENTED =
  'Google does not document whether image models run in the background. A confirmed cancel or a refusal tells.';

const OBSERVED: Readonly<Record<Observed, Pick<ModelCapabilities, 'cancelable' | 'basis'>>> = {
  'background-refused': { cancelable: 'no', basis: `Seen here: ${REFUSED}.` },
  'cancel-refused': {
    cancelable: 'no',
    basis: 'The server has refused the cancels of a job until it had ended by itself.',
  },
  'cancel-confirmed': { cancelable: 'yes', basis: 'The server has confirmed a cancel for this client.' },
};

/** Facts that one client has learnt about models by using them. An accepted create proves nothing. */
export class ModelMemory {
  readonly #observations = new Map<string, { readonly observed: Observed; readonly at: number }>();
  readonly #warned = new Set<string>();

  /** Keeps the last observation; a refusal of the background stays. */
  observe(model: string, observed: Observed, at: number): void {
    if (this.of(model)?.observed !== 'background-refused') this.#observations.set(model, { observed, at });
  }

  of(model: string) {
    return this.#observations.get(model);
  }

  /** Returns whether the console has not been told of this model yet. */
  isNews(model: string): boolean {
    const isNews = !this.#warned.has(model);
    this.#warned.add(model);
    return isNews;
  }
}
