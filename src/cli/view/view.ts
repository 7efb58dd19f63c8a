import type { OperationEvent } from '../../api/events.js';
import type { JobSnapshot } from '../../api/snapshot.js';
import type { Deliveries } from '../folder.js';
import type { Output } from '../output.js';

/** The state that the views show. */
export interface Scene {
  /** The jobs as they stand now. */
  readonly jobs: () => readonly JobSnapshot[];
  /** The images that have come so far, by index. */
  readonly deliveries: Deliveries;
  readonly now: () => number;
  /** What a command needs to reach the same server: `--base-url …`, or nothing. */
  readonly serverFlags: string;
}

/** Shows one operation. Everything is written before a method returns: a signal may end the process right after. */
export interface View {
  /** Something happened. The image of an `image` event is in `deliveries` already. */
  event(event: OperationEvent): void;
  /** Time has passed. */
  tick(): void;
  /** The last word, about the whole run. */
  remark(text: string): void;
}

/** Every event as a line of JSON, with the place of an image instead of its bytes. */
export class JsonView implements View {
  readonly #scene: Scene;
  readonly #output: Output;
  readonly #common: object;

  /** `common` is in every line, before what is the event's own. */
  constructor(scene: Scene, output: Output, common: object = {}) {
    this.#scene = scene;
    this.#output = output;
    this.#common = common;
  }

  event(event: OperationEvent): void {
    this.#output.json({ ...this.#common, ...event }, this.#scene.deliveries.values());
  }

  tick(): void {
    // Time is no event.
  }

  remark(text: string): void {
    this.#output.say(text);
  }
}
