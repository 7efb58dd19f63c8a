import type { OperationEvent } from '../../api/events.js';
import type { Line, Output, Tone } from '../output.js';
import { cancellingText, endingLines, writeDelivery } from './ending.js';
import { rowsOf, type Row, type Scene } from './rows.js';

/** Shows one operation. Everything is written before a method returns: a signal may end the process right after. */
export interface View {
  /** The image of an `image` event is in the deliveries already. */
  event(event: OperationEvent): void;
  tick(): void;
  remark(text: string): void;
}

export function viewOn(output: Output, { json }: { json: boolean }): (scene: Scene) => View {
  return (scene) => (json ? jsonView(scene, output) : textViewOf(scene, output));
}

/** Writes every event as a line of JSON, with the place of an image instead of its bytes. `common` is in every line. */
export function jsonView({ deliveries }: Scene, output: Output, common: object = {}): View {
  return {
    event: (event) => output.json({ ...common, ...event }, deliveries.values()),
    tick: () => undefined,
    remark: (text) => output.say(text),
  };
}

/** The lines of the images tell these. */
const toldOtherwise: readonly string[] = ['job-failed', 'image-not-handed-over'];

/** The place where people see how the jobs stand. `clear` makes room for a line that stays. */
type Board = ReturnType<typeof plainBoard>;
const noBoard = { show: (): void => undefined, clear: (): void => undefined };

/** Makes a view for people: lines move only where people see them move. */
export function textViewOf(
  scene: Scene,
  output: Output,
  board: Board = output.canRedraw(scene.jobs().length) ? terminalBoard(output) : plainBoard(output),
): View {
  const rows = rowsOf(scene);
  const startedAt = scene.now();
  let isCancelling = false;
  const say = (text: string, tone: Tone): void => {
    board.clear();
    output.say(text, tone);
  };
  const remark = (text: string): void => say(text, 'quiet');
  const tick = (): void => board.show(rows.look(isCancelling), isCancelling);
  const event = (event: OperationEvent): void => {
    rows.note(event);
    if (event.type === 'cancelling') {
      isCancelling = true;
      say(cancellingText(event.trigger, scene.jobs()), 'active');
    }
    if (event.type === 'warning' && !toldOtherwise.includes(event.code)) remark(`Note: ${event.message}`);
    const delivery = event.type === 'image' ? scene.deliveries.get(event.index) : undefined;
    // The ending has a line of its own for every job of a cancel.
    const isCancelled = event.type === 'settled' && event.report !== undefined;
    if (isCancelled || delivery !== undefined) board.clear();
    if (delivery !== undefined) writeDelivery(delivery, output);
    if (!isCancelled) tick();
    if (event.type !== 'settled') return;
    board = noBoard;
    for (const { text, tone } of endingLines(event, scene, scene.now() - startedAt)) say(text, tone);
  };
  return { event, tick, remark };
}

/** Writes one line for every change: for logs, pipes and terminals that cannot move the cursor. */
export function plainBoard(output: Output) {
  const said = new Map<number, Row>();
  const show = (rows: readonly Row[], isCancelling: boolean): void => {
    for (const row of rows) {
      const before = said.get(row.index);
      if (row.word === before?.word) continue;
      said.set(row.index, row);
      // The ending has a line for every image of a cancel.
      if (isCancelling) continue;
      // The name is told as soon as it is known: with it the job can be stopped whatever becomes of us.
      const details = [row.name === before?.name ? [] : (row.name ?? []), row.isEnded ? `${row.elapsed} s` : []].flat();
      output.say(`${row.label}: ${row.word}${details.length === 0 ? '' : ` (${details.join(', ')})`}`, row.tone);
    }
  };
  return { ...noBoard, show };
}

/** Redraws a line for each job. The cursor rests below and is never hidden: a death by a signal leaves nothing to restore. */
export function terminalBoard(output: Output): Board {
  let drawn: readonly Line[] = [];
  const draw = (lines: readonly Line[]): void => {
    if (JSON.stringify(lines) === JSON.stringify(drawn)) return;
    output.redraw(lines, drawn.length);
    drawn = lines;
  };
  return {
    show: (rows) => draw(rows.map((row) => lineOf(row, output.columns))),
    clear: () => draw([]),
  };
}

/** A line that wraps would make the next redraw start at the wrong place. */
function lineOf({ label, word, elapsed, name, tone }: Row, columns: number): Line {
  const text = `${label}  ${word.padEnd(11)} ${elapsed.padStart(6)} s${name === undefined ? '' : `  ${name}`}`;
  return { text: text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`, tone };
}
