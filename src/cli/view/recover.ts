import type { LeftAloneOperation, ListedOperation, RecoveredByCancel, Recovery } from '../../journal/recover.js';
import type { Delivery } from '../folder.js';
import { placeOf, stoppedLines } from './ending.js';
import { JsonView, toJson } from './json.js';
import { doubtTexts, operationLine, unreadableLine } from './journaled.js';
import { choosePaint, harmless, type Line, type Paint } from './paint.js';
import { PlainView } from './plain.js';
import type { Output, Scene, View } from './view.js';

/** Enough of an id to tell the operations of one journal apart. */
const SHORT_ID = 8;

/** Shows what was left behind and what becomes of it: several operations at once, so each line says whose it is. */
export class RecoverView {
  readonly #json: boolean;
  readonly #folder: string;
  readonly #paint: Paint = choosePaint(process.stderr, process.env);

  constructor(json: boolean, folder: string) {
    this.#json = json;
    this.#folder = folder;
  }

  /** The view of one operation. */
  viewOf(id: string, scene: Scene): View {
    const { stdout, stderr } = process;
    if (this.#json) return new JsonView(scene, { results: stdout, messages: stderr }, { operation: id });
    return new PlainView(scene, { results: stdout, messages: labelled(id, stderr) }, this.#paint);
  }

  found({ operations, leftAlone, unreadable }: Recovery): void {
    if (this.#json) {
      for (const operation of operations) this.#write({ type: 'found', ...plain(operation) });
      for (const operation of leftAlone) this.#write({ type: 'left-alone', ...plain(operation), why: operation.why });
      for (const entry of unreadable) this.#write({ type: 'unreadable', ...entry });
      return;
    }
    const now = Date.now();
    if (operations.length === 0) this.#say(`There is nothing to recover in the journal ${harmless(this.#folder)}.`);
    for (const operation of operations) this.#say(`Found: ${operationLine(operation, now)}`);
    for (const operation of leftAlone) this.#say(`Left alone, ${whyText(operation)}: ${operationLine(operation, now)}`);
    for (const entry of unreadable) this.#say(unreadableLine(entry, this.#folder));
  }

  cancelled({ operation, report }: RecoveredByCancel, deliveries: ReadonlyMap<number, Delivery>): void {
    const { id } = operation;
    if (this.#json) {
      process.stdout.write(`${toJson({ type: 'cancelled', operation: id, report }, deliveries.values())}\n`);
      return;
    }
    const scene = { jobs: () => operation.jobs, deliveries, now: () => Date.now() };
    const messages = labelled(id, process.stderr);
    for (const line of stoppedLines(report, scene)) messages.write(`${this.#paint(line)}\n`);
    for (const delivery of deliveries.values()) {
      if (delivery.note !== undefined) messages.write(`Note: ${delivery.note}\n`);
      if (delivery.problem === undefined) process.stdout.write(`${placeOf(delivery)}\n`);
    }
  }

  /** What nobody can do anything about but look into it. */
  doubts(operations: readonly ListedOperation[]): void {
    for (const { id, inDoubt } of operations) {
      if (inDoubt.length === 0) continue;
      if (this.#json) this.#write({ type: 'in-doubt', operation: id, jobs: inDoubt });
      else {
        const what = doubtTexts(inDoubt).join('; ');
        this.#say(`${harmless(id)}: ${what}. Once you have looked into it: genai-cancel forget ${harmless(id)}`, 'bad');
      }
    }
  }

  #say(text: string, tone: Line['tone'] = 'plain'): void {
    process.stderr.write(`${this.#paint({ text, tone })}\n`);
  }

  #write(value: object): void {
    process.stdout.write(`${toJson(value, [])}\n`);
  }
}

function whyText({ why, record }: LeftAloneOperation): string {
  if (why === 'detached') return 'since it was left running on purpose';
  const { origin } = record.server;
  return origin === undefined ? 'since it is of another server' : `since it is of ${harmless(origin)}`;
}

/** Without what is no data: the handle, and a report that has a line of its own. */
function plain({ id, record, owner, isOrphan, renewedAt, inDoubt }: ListedOperation): object {
  return { id, record, owner, isOrphan, renewedAt, inDoubt };
}

/** Whole lines come in, each gets the beginning of the id in front. */
function labelled(id: string, output: Output): Output {
  return { write: (text) => output.write(`${id.slice(0, SHORT_ID)}  ${text}`) };
}
