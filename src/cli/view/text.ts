import type { OperationEvent } from '../../api/events.js';
import { cancellingText, endingLines, writeDelivery } from './ending.js';
import { type Line, type Paint } from './paint.js';
import { Rows, type Row } from './rows.js';
import type { Output, Screen } from '../surroundings.js';
import type { Outputs, Scene, View } from './view.js';

/** The common part of the views for people: all that is said once. They differ in how they show the jobs. */
export abstract class TextView implements View {
  protected readonly messages: Screen;
  protected readonly paint: Paint;
  protected isCancelling = false;
  readonly #rows: Rows;
  readonly #results: Output;
  readonly #scene: Scene;
  readonly #startedAt: number;

  constructor(scene: Scene, { results, messages }: Outputs, paint: Paint) {
    this.messages = messages;
    this.paint = paint;
    this.#rows = new Rows(scene);
    this.#results = results;
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
    if (event.type === 'warning' && event.code !== 'job-failed') this.remark(`Note: ${event.message}`);
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
    writeDelivery(delivery, this.#results, (note) => this.remark(note));
  }

  #end(settled: Extract<OperationEvent, { type: 'settled' }>): void {
    this.close(settled.report !== undefined);
    const lines = endingLines(settled, this.#scene, this.#scene.now() - this.#startedAt);
    for (const line of lines) this.#say(line);
  }

  #say(line: Line): void {
    this.clear();
    this.messages.write(`${this.paint(line)}\n`);
  }
}
