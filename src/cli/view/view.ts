import type { OperationEvent } from '../../operation/events.js';
import type { JobSnapshot } from '../../operation/job-snapshot.js';
import type { Delivery } from '../folder.js';

/** What the views look at. */
export interface Scene {
  /** The jobs as they stand now. */
  readonly jobs: () => readonly JobSnapshot[];
  /** The images that have come so far, by index. */
  readonly deliveries: ReadonlyMap<number, Delivery>;
  readonly now: () => number;
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

/** What is written to: `process.stdout` and `process.stderr`. */
export interface Output {
  write(text: string): unknown;
}
