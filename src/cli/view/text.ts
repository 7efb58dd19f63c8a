import type { OperationEvent } from '../../api/events.js';
import type { Line, Output } from '../output.js';
import { cancellingText, endingLines, writeDelivery } from './ending.js';
import { Rows, type Row } from './rows.js';
import type { Scene, View } from './view.js';

/** What these warn of, the lines of the images tell. */
const toldOtherwise: ReadonlySet<string> = new Set(['job-failed', 'image-not-handed-over']);

/** Chooses a view for people: lines move only where people see them move. */
export function textViewOf(scene: Scene, output: Output): View {
  return output.canRedraw(scene.jobs().length) ? new TerminalView(scene, output) : new PlainView(scene, output);
}

/** The common part of the views for people: all that is said once. They differ in how they show the jobs. */
abstract class TextView implements View {
  protected readonly output: Output;
  protected isCancelling = false;
  readonly #rows: Rows;
  readonly #scene: Scene;
  readonly #startedAt: number;

  constructor(scene: Scene, output: Output) {
    this.output = output;
    this.#rows = new Rows(scene);
    this.#scene = scene;
    this.#startedAt = scene.now();
  }

  /** Shows where the jobs stand. */
  protected abstract show(rows: readonly Row[]): void;
  /** Makes room for a line that stays. */
  protected abstract clear(): void;
  /** The operation has settled. Of one that was cancelled each job gets a line of its own next. */
  protected abstract close(isCancelled: boolean): void;

  event(event: OperationEvent): void {
    this.#rows.note(event);
    if (event.type === 'cancelling') {
      this.isCancelling = true;
      this.#say({ text: cancellingText(event.trigger, this.#scene.jobs()), tone: 'active' });
    }
    if (event.type === 'warning' && !toldOtherwise.has(event.code)) this.remark(`Note: ${event.message}`);
    if (event.type === 'image') this.#deliver(event.index);
    if (event.type === 'settled') this.#end(event);
    else this.tick();
  }

  tick(): void {
    this.show(this.#rows.look());
  }

  remark(text: string): void {
    this.#say({ text, tone: 'quiet' });
  }

  #deliver(index: number): void {
    const delivery = this.#scene.deliveries.get(index);
    if (delivery === undefined) return;
    this.clear();
    writeDelivery(delivery, this.output);
  }

  #end(settled: Extract<OperationEvent, { type: 'settled' }>): void {
    this.close(settled.report !== undefined);
    const lines = endingLines(settled, this.#scene, this.#scene.now() - this.#startedAt);
    for (const line of lines) this.#say(line);
  }

  #say({ text, tone }: Line): void {
    this.clear();
    this.output.say(text, tone);
  }
}

/** One line for every change: for logs, pipes and terminals that cannot move the cursor. */
export class PlainView extends TextView {
  readonly #said = new Map<number, string>();
  readonly #named = new Set<number>();

  protected show(rows: readonly Row[]): void {
    for (const row of rows) {
      if (this.#said.get(row.index) === row.word) continue;
      this.#said.set(row.index, row.word);
      // Once a cancel was asked for, the ending has a line for every image.
      if (!this.isCancelling) this.output.say(this.#changeText(row), row.tone);
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

/**
 * One line for each image, redrawn in place. The cursor always rests below the block and is never hidden, so that there is
 * nothing to restore when a signal ends the process.
 */
export class TerminalView extends TextView {
  #drawn: readonly Line[] = [];
  #over = false;

  protected show(rows: readonly Row[]): void {
    if (this.#over) return;
    const lines = rows.map((row) => ({ text: fit(rowText(row), this.output.columns), tone: row.tone }));
    const isSame = ({ text, tone }: Line, index: number): boolean =>
      this.#drawn[index]?.text === text && this.#drawn[index].tone === tone;
    if (lines.length === this.#drawn.length && lines.every(isSame)) return;
    this.output.redraw(lines, this.#drawn.length);
    this.#drawn = lines;
  }

  protected clear(): void {
    if (this.#drawn.length === 0) return;
    this.output.redraw([], this.#drawn.length);
    this.#drawn = [];
  }

  /** The rows have done their duty when every job of a cancel gets a line of its own. */
  protected close(isCancelled: boolean): void {
    if (isCancelled) this.clear();
    else this.tick();
    this.#over = true;
    this.#drawn = [];
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
