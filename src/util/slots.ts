/** Places, of which only so many are free at a time. */
export class Slots {
  /** Counts also the slots that were taken without waiting for one. */
  taken = 0;
  readonly #isFree: (taken: number) => boolean;
  readonly #waiting: (() => void)[] = [];

  /** `isFree` says whether there is one more. When it may have changed its mind, call `admit()`. */
  constructor(isFree: (taken: number) => boolean) {
    this.#isFree = isFree;
  }

  get isQueueing(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes a slot, in this turn if one is free, and calls `admitted` then. Resolves to the function that frees it. */
  async enter(admitted?: () => void): Promise<() => void> {
    if (this.#isFree(this.taken)) this.taken++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    admitted?.();
    return () => this.leave();
  }

  leave(): void {
    this.taken--;
    this.admit();
  }

  /** Hands free slots to those that wait, so that no newcomer can take them. */
  admit(): void {
    while (this.isQueueing && this.#isFree(this.taken)) {
      this.taken++;
      this.#waiting.shift()?.();
    }
  }
}
