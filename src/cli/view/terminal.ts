import type { OperationEvent } from '../../operation/events.js';
import { endingLines, placeOf } from './ending.js';
import { harmless, type Line, type Paint } from './paint.js';
import { cancellingText } from './report.js';
import { Rows, type Row } from './rows.js';
import type { Output, Scene, View } from './view.js';

/** A terminal that the view draws on. */
export interface Screen extends Output {
  /** 0 and `undefined` in some pseudo-terminals, which know no size. */
  readonly columns?: number | undefined;
}

const DEFAULT_COLUMNS = 80;
const UP = '\u001b[';
const CLEAR_LINE = '\u001b[2K';
const CLEAR_BELOW = '\u001b[0J';

/**
 * One line for each image, redrawn in place. The cursor always rests below the block and is never hidden, so that there is
 * nothing to restore when a signal ends the process.
 */
export class TerminalView implements View {
  readonly #scene: Scene;
  readonly #results: Output;
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #rows: Rows;
  readonly #startedAt: number;
  #drawn: readonly string[] = [];
  #over = false;

  constructor(scene: Scene, outputs: { results: Output; screen: Screen }, paint: Paint) {
    this.#scene = scene;
    this.#results = outputs.results;
    this.#screen = outputs.screen;
    this.#paint = paint;
    this.#rows = new Rows(scene);
    this.#startedAt = scene.now();
  }

  event(event: OperationEvent): void {
    this.#rows.note(event);
    if (event.type === 'cancelling')
      this.#above({ text: cancellingText(event.trigger, this.#scene.jobs()), tone: 'active' });
    if (event.type === 'warning' && event.code !== 'job-failed') this.remark(`Note: ${harmless(event.message)}`);
    if (event.type === 'image') this.#deliver(event.index);
    if (event.type === 'settled') this.#end(event);
    else this.tick();
  }

  tick(): void {
    if (this.#over) return;
    const columns = this.#screen.columns === 0 ? DEFAULT_COLUMNS : (this.#screen.columns ?? DEFAULT_COLUMNS);
    this.#draw(this.#rows.look().map((row) => this.#paint({ text: fit(rowText(row), columns), tone: row.tone })));
  }

  remark(text: string): void {
    this.#above({ text, tone: 'quiet' });
  }

  #deliver(index: number): void {
    const delivery = this.#scene.deliveries.get(index);
    if (delivery === undefined) return;
    if (delivery.note !== undefined) this.remark(`Note: ${delivery.note}`);
    if (delivery.problem !== undefined) return;
    this.#erase();
    this.#results.write(`${placeOf(delivery)}\n`);
  }

  /** The rows have done their duty when every job of a stop gets a line of its own. */
  #end(settled: Extract<OperationEvent, { type: 'settled' }>): void {
    if (settled.report === undefined) this.tick();
    else this.#erase();
    this.#over = true;
    this.#drawn = [];
    for (const line of endingLines(settled, this.#scene, this.#scene.now() - this.#startedAt)) this.#above(line);
  }

  #above(line: Line): void {
    this.#erase();
    this.#screen.write(`${this.#paint(line)}\n`);
  }

  #erase(): void {
    if (this.#drawn.length === 0) return;
    this.#screen.write(`${UP}${this.#drawn.length}A\r${CLEAR_BELOW}`);
    this.#drawn = [];
  }

  #draw(lines: readonly string[]): void {
    if (lines.length === this.#drawn.length && lines.every((line, index) => line === this.#drawn[index])) return;
    const start = this.#drawn.length === 0 ? '' : `${UP}${this.#drawn.length}A\r`;
    // In one piece, and each line cleared on its own: nothing flickers.
    this.#screen.write(`${start}${lines.map((line) => `${CLEAR_LINE}${line}\n`).join('')}${CLEAR_BELOW}`);
    this.#drawn = lines;
  }
}

function rowText({ label, word, ended, elapsedMs, name }: Row): string {
  const elapsed = ended ? (elapsedMs / 1000).toFixed(1) : String(Math.floor(elapsedMs / 1000));
  const suffix = name === undefined ? '' : `  ${harmless(name)}`;
  return `${label}  ${word.padEnd(11)} ${elapsed.padStart(6)} s${suffix}`;
}

/** A line that wraps would make the next redraw start at the wrong place. */
function fit(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}
