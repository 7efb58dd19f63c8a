import type { OperationEvent } from '../../api/events.js';
import type { JobSnapshot } from '../../api/snapshot.js';
import type { Deliveries } from '../folder.js';
import type { Environment, Output, Screen, Surroundings } from '../surroundings.js';
import { JsonView } from './json.js';
import { choosePaint } from './paint.js';
import { PlainView } from './plain.js';
import { TerminalView } from './terminal.js';

/** The state that the views show. */
export interface Scene {
  /** The jobs as they stand now. */
  readonly jobs: () => readonly JobSnapshot[];
  /** The images that have come so far, by index. */
  readonly deliveries: Deliveries;
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

/** Results go to stdout, messages for people to stderr. */
export interface Outputs {
  readonly results: Output;
  readonly messages: Screen;
}

const MIN_COLUMNS = 20;
const DEFAULT_ROWS = 24;

/** Lines move only where people see them move. */
export function chooseView(scene: Scene, { json }: { json: boolean }, surroundings: Surroundings): View {
  const { stdout: results, stderr: messages, env } = surroundings;
  if (json) return new JsonView(scene, { results, messages });
  const paint = choosePaint(messages, env);
  return canRedraw(messages, env, scene.jobs().length)
    ? new TerminalView(scene, { results, messages }, paint)
    : new PlainView(scene, { results, messages }, paint);
}

/** The cursor cannot go up beyond the top of the screen, so every line has to fit. */
function canRedraw({ isTTY, columns = 0, rows = 0 }: Screen, env: Environment, lines: number): boolean {
  const { CI = '', TERM } = env;
  const isCi = CI !== '' && CI !== 'false' && CI !== '0';
  if (isTTY !== true || isCi || TERM === 'dumb') return false;
  return (columns === 0 || columns >= MIN_COLUMNS) && lines < (rows === 0 ? DEFAULT_ROWS : rows);
}
