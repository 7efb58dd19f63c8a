import type { Observed } from '../operation/job/plan.js';

export interface Observation {
  readonly observed: Observed;
  /** In ms since the epoch. */
  readonly at: number;
}

/** Facts that one client has learnt about models by using them. An accepted create proves nothing. */
export class ModelMemory {
  readonly #observations = new Map<string, Observation>();
  readonly #warned = new Set<string>();

  /** Keeps the last observation; a refusal of the background stays. */
  observe(model: string, observed: Observed, at: number): void {
    if (this.of(model)?.observed !== 'background-refused') this.#observations.set(model, { observed, at });
  }

  of(model: string): Observation | undefined {
    return this.#observations.get(model);
  }

  /** Returns whether the console has not been told of this model yet. */
  isNews(model: string): boolean {
    const isNews = !this.#warned.has(model);
    this.#warned.add(model);
    return isNews;
  }
}
