/** What one client has learnt of the models that it has used. */
export class ModelMemory {
  readonly #refusals = new Map<string, string>();
  readonly #accepted = new Set<string>();
  readonly #warned = new Set<string>();

  /** Remembers that the server does not run the model in the background. */
  refuseBackground(model: string, why: string): void {
    this.#refusals.set(model, why);
  }

  /** Remembers that the server has run the model in the background. */
  acceptBackground(model: string): void {
    this.#accepted.add(model);
  }

  backgroundRefusalOf(model: string): string | undefined {
    return this.#refusals.get(model);
  }

  hasRunInBackground(model: string): boolean {
    return this.#accepted.has(model);
  }

  /** Whether the console has not been told of this model yet. */
  isNews(model: string): boolean {
    const isNews = !this.#warned.has(model);
    this.#warned.add(model);
    return isNews;
  }
}
