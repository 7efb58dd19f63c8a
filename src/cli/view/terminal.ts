import type { Row } from './rows.js';
import { TextView } from './text.js';

const DEFAULT_COLUMNS = 80;
const UP = '\u001b[';
const CLEAR_LINE = '\u001b[2K';
const CLEAR_BELOW = '\u001b[0J';

/**
 * One line for each image, redrawn in place. The cursor always rests below the block and is never hidden, so that there is
 * nothing to restore when a signal ends the process.
 */
export class TerminalView extends TextView {
  #drawn: readonly string[] = [];
  #over = false;

  protected show(rows: readonly Row[]): void {
    if (this.#over) return;
    const { columns = 0 } = this.messages;
    const width = columns === 0 ? DEFAULT_COLUMNS : columns;
    this.#draw(rows.map((row) => this.paint({ text: fit(rowText(row), width), tone: row.tone })));
  }

  protected clear(): void {
    if (this.#drawn.length === 0) return;
    this.messages.write(`${UP}${this.#drawn.length}A\r${CLEAR_BELOW}`);
    this.#drawn = [];
  }

  /** The rows have done their duty when every job of a cancel gets a line of its own. */
  protected close(isCancelled: boolean): void {
    if (isCancelled) this.clear();
    else this.tick();
    this.#over = true;
    this.#drawn = [];
  }

  #draw(lines: readonly string[]): void {
    if (lines.length === this.#drawn.length && lines.every((line, index) => line === this.#drawn[index])) return;
    const start = this.#drawn.length === 0 ? '' : `${UP}${this.#drawn.length}A\r`;
    // In one piece, and each line cleared on its own: nothing flickers.
    this.messages.write(`${start}${lines.map((line) => `${CLEAR_LINE}${line}\n`).join('')}${CLEAR_BELOW}`);
    this.#drawn = lines;
  }
}

function rowText({ label, word, ended, elapsedMs, name }: Row): string {
  const elapsed = ended ? (elapsedMs / 1000).toFixed(1) : String(Math.floor(elapsedMs / 1000));
  const suffix = name === undefined ? '' : `  ${name}`;
  return `${label}  ${word.padEnd(11)} ${elapsed.padStart(6)} s${suffix}`;
}

/** A line that wraps would make the next redraw start at the wrong place. */
function fit(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}
