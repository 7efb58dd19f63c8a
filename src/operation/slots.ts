/** Places on the server, of which there are only so many at a time. */
export class Slots {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a slot, in this turn if one is free, and calls `admitted` then. Resolves to the function that frees it. */
  async enter(admitted: () => void): Promise<() => void> {
    if (this.#taken < this.#limit) this.#taken++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    admitted();
    return () => this.#leave();
  }

  /** Hands the slot to the next one that waits, so that no newcomer can take it. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken--;
    else next();
  }
}
