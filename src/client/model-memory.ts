/** A refusal of the background, as a client has seen it. */
export interface BackgroundRefusal {
  readonly why: string;
  /** In ms since the epoch. */
  readonly at: number;
}

/** Facts that one client has learnt about models by using them. */
export class ModelMemory {
  readonly #refusals = new Map<string, BackgroundRefusal>();
  readonly #cancelledAt = new Map<string, number>();
  readonly #refusedAt = new Map<string, number>();
  readonly #warned = new Set<string>();

  /** Remembers that the server does not run the model in the background. */
  refuseBackground(model: string, why: string, at: number): void {
    this.#refusals.set(model, { why, at });
  }

  /** Remembers that the server has confirmed the cancel of a job of the model. An accepted create proves nothing. */
  observeCancel(model: string, at: number): void {
    this.#cancelledAt.set(model, at);
    this.#refusedAt.delete(model);
  }

  /** Remembers that the server has refused the cancels of a job until it had ended by itself. */
  observeRefusedCancel(model: string, at: number): void {
    this.#refusedAt.set(model, at);
    this.#cancelledAt.delete(model);
  }

  cancelRefusedAt(model: string): number | undefined {
    return this.#refusedAt.get(model);
  }

  backgroundRefusalOf(model: string): BackgroundRefusal | undefined {
    return this.#refusals.get(model);
  }

  cancelObservedAt(model: string): number | undefined {
    return this.#cancelledAt.get(model);
  }

  /** Returns whether the console has not been told of this model yet. */
  isNews(model: string): boolean {
    const isNews = !this.#warned.has(model);
    this.#warned.add(model);
    return isNews;
  }
}
