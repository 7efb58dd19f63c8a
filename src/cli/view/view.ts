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

/** Writes every event as a line of JSON, with the place of an image instead of its bytes. `common` is in every line. */
export function jsonView({ deliveries }: Scene, output: Output, common: object = {}): View {
  return {
    event: (event) => output.json({ ...common, ...event }, deliveries.values()),
    tick: () => undefined,
    remark: (text) => output.say(text),
  };
}
