import { inDoubtOf } from '../../journal/record.js';
import type { JournaledOperation } from '../../journal/read.js';
import type { Recovery, SkipReason } from '../../client/recover.js';
import type { CancelReport } from '../../api/report.js';
import type { Deliveries } from '../folder.js';
import type { Output, Tone } from '../output.js';
import { writeReport } from './ending.js';
import { doubtTexts, operationLine, unreadableLine } from './journaled.js';
import { plainBoard, textViewOf } from './text.js';
import { jsonView, type Scene, type View } from './view.js';

/** Enough of an id to tell the operations of one journal apart. */
const SHORT_ID = 8;

const reasons: Readonly<Record<SkipReason, string>> = {
  detached: 'since it was left running on purpose',
  'other-server': 'since it is of another server',
  'in-doubt': 'since its jobs cannot be found again',
  lost: 'and removed, since the server denies its jobs',
  expired: 'and removed, since it was in doubt for 48 hours',
  'needs-storage': 'since its images are in Cloud Storage, which needs a program of yours',
  claimed: 'since another process has just claimed it',
};

/** Reasons after which a record is gone, or another process looks into it. */
const settledReasons: readonly SkipReason[] = ['lost', 'expired', 'claimed'];

/** Shows what was left behind and what becomes of it: several operations at once, so each line says whose it is. */
export class RecoverView {
  readonly #journaled: ReadonlyMap<string, JournaledOperation>;
  readonly #json: boolean;
  readonly #output: Output;
  readonly #serverFlags: string;

  /** A recovery tells ids only. The rest is in `journaled`, which was read before. */
  constructor(
    journaled: readonly JournaledOperation[],
    { json, serverFlags }: { json: boolean; serverFlags: string },
    output: Output,
  ) {
    this.#journaled = new Map(journaled.map((operation) => [operation.id, operation]));
    this.#json = json;
    this.#output = output;
    this.#serverFlags = serverFlags;
  }

  /** The view of one operation. */
  viewOf(id: string, scene: Scene): View {
    if (this.#json) return jsonView(scene, this.#output, { operation: id });
    return textViewOf(scene, this.#labelled(id), plainBoard(this.#labelled(id)));
  }

  found({ operations, skipped, unreadable }: Recovery, folder: string): void {
    if (operations.length + skipped.length + unreadable.length === 0 && !this.#json) {
      this.#output.say(`There is nothing to recover in the journal ${folder}.`);
    }
    for (const { id } of operations) {
      this.#tell({ type: 'found', id, ...this.#journaled.get(id) }, `Found: ${this.#lineOf(id)}`);
    }
    for (const { id, reason } of skipped) {
      const line = `Skipped, ${this.#reasonOf(id, reason)}: ${this.#lineOf(id)}`;
      this.#tell({ type: 'skipped', id, ...this.#journaled.get(id), reason }, line);
    }
    for (const entry of unreadable) this.#tell({ type: 'unreadable', ...entry }, unreadableLine(entry, folder));
  }

  cancelled(id: string, report: CancelReport, deliveries: Deliveries): void {
    if (this.#json) this.#output.json({ type: 'cancelled', operation: id, report }, deliveries.values());
    else writeReport(report, { deliveries, serverFlags: this.#serverFlags }, this.#labelled(id));
  }

  note(id: string, text: string): void {
    this.#labelled(id).say(text, 'quiet');
  }

  /** Says what only the user can look into. Returns whether there is any. */
  doubts({ operations, skipped }: Recovery): boolean {
    const doubts = [
      ...operations.map(({ id, operation }) => ({ id, jobs: inDoubtOf(operation.jobs) })),
      ...skipped
        .filter(({ reason }) => !settledReasons.includes(reason))
        .map(({ id }) => ({ id, jobs: this.#journaled.get(id)?.inDoubt ?? [] })),
    ].filter(({ jobs }) => jobs.length > 0);
    for (const { id, jobs } of doubts) {
      const text = `${id}: ${doubtTexts(jobs).join('; ')}. Once you have looked into it: genai-cancel forget ${id}`;
      this.#tell({ type: 'in-doubt', operation: id, jobs }, text, 'bad');
    }
    return doubts.length > 0;
  }

  /** Puts the beginning of the id in front of each message. */
  #labelled(id: string): Output {
    return this.#output.labelled(id.slice(0, SHORT_ID));
  }

  #lineOf(id: string): string {
    const operation = this.#journaled.get(id);
    return operation === undefined ? id : operationLine(operation, Date.now());
  }

  #reasonOf(id: string, reason: SkipReason): string {
    const origin = this.#journaled.get(id)?.record.server.origin;
    return reason === 'other-server' && origin !== undefined ? `since it is of ${origin}` : reasons[reason];
  }

  /** Writes the value on stdout with `--json`, else the text on stderr. */
  #tell(value: object, text: string, tone?: Tone): void {
    if (this.#json) this.#output.json(value);
    else this.#output.say(text, tone);
  }
}
