import type { OperationEvent } from '../../operation/events.js';
import type { CancelTrigger } from '../../stop/report.js';
import { endingLines, placeOf } from './ending.js';
import { harmless, type Line, type Paint } from './paint.js';
import { cancellingText } from './report.js';
import { Rows, type Row } from './rows.js';
import type { Output, Scene, View } from './view.js';

/** One line for every change: for logs, pipes and terminals that cannot move the cursor. */
export class PlainView implements View {
  readonly #scene: Scene;
  readonly #results: Output;
  readonly #messages: Output;
  readonly #paint: Paint;
  readonly #rows: Rows;
  readonly #startedAt: number;
  readonly #said = new Map<number, string>();
  readonly #named = new Set<number>();
  #cancelling = false;

  constructor(scene: Scene, outputs: { results: Output; messages: Output }, paint: Paint) {
    this.#scene = scene;
    this.#results = outputs.results;
    this.#messages = outputs.messages;
    this.#paint = paint;
    this.#rows = new Rows(scene);
    this.#startedAt = scene.now();
  }

  event(event: OperationEvent): void {
    this.#rows.note(event);
    if (event.type === 'cancelling') this.#announceCancel(event.trigger);
    if (event.type === 'warning' && event.code !== 'job-failed') this.remark(`Note: ${harmless(event.message)}`);
    if (event.type === 'image') this.#deliver(event.index);
    this.tick();
    if (event.type !== 'settled') return;
    endingLines(event, this.#scene, this.#scene.now() - this.#startedAt).forEach((line) => this.#say(line));
  }

  tick(): void {
    for (const row of this.#rows.look()) {
      if (this.#said.get(row.index) === row.word) continue;
      this.#said.set(row.index, row.word);
      // Once a stop was asked for, the ending has a line for every image.
      if (!this.#cancelling) this.#say({ text: this.#changeText(row), tone: row.tone });
    }
  }

  remark(text: string): void {
    this.#say({ text, tone: 'quiet' });
  }

  #announceCancel(trigger: CancelTrigger): void {
    this.#cancelling = true;
    this.#say({ text: cancellingText(trigger, this.#scene.jobs()), tone: 'active' });
  }

  /** The name is told once, as soon as it is known: with it the job can be stopped whatever becomes of us. */
  #changeText({ index, label, word, name, ended, elapsedMs }: Row): string {
    const details = ended ? [`${(elapsedMs / 1000).toFixed(1)} s`] : [];
    if (name !== undefined && !this.#named.has(index)) details.unshift(harmless(name));
    if (name !== undefined) this.#named.add(index);
    return `${label}: ${word}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
  }

  #deliver(index: number): void {
    const delivery = this.#scene.deliveries.get(index);
    if (delivery === undefined) return;
    if (delivery.note !== undefined) this.remark(`Note: ${delivery.note}`);
    if (delivery.problem === undefined) this.#results.write(`${placeOf(delivery)}\n`);
  }

  #say(line: Line): void {
    this.#messages.write(`${this.#paint(line)}\n`);
  }
}
