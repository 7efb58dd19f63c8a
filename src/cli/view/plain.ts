import type { Row } from './rows.js';
import { TextView } from './text.js';

/** One line for every change: for logs, pipes and terminals that cannot move the cursor. */
export class PlainView extends TextView {
  readonly #said = new Map<number, string>();
  readonly #named = new Set<number>();

  protected show(rows: readonly Row[]): void {
    for (const row of rows) {
      if (this.#said.get(row.index) === row.word) continue;
      this.#said.set(row.index, row.word);
      // Once a cancel was asked for, the ending has a line for every image.
      if (this.isCancelling) continue;
      this.messages.write(`${this.paint({ text: this.#changeText(row), tone: row.tone })}\n`);
    }
  }

  protected clear(): void {
    // Every line stays.
  }

  protected close(): void {
    this.tick();
  }

  /** The name is told once, as soon as it is known: with it the job can be stopped whatever becomes of us. */
  #changeText({ index, label, word, name, ended, elapsedMs }: Row): string {
    const details = ended ? [`${(elapsedMs / 1000).toFixed(1)} s`] : [];
    if (name !== undefined && !this.#named.has(index)) details.unshift(name);
    if (name !== undefined) this.#named.add(index);
    return `${label}: ${word}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
  }
}
