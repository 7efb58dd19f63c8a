import { inDoubtOf } from '../../journal/record.js';
import type { JournaledOperation } from '../../journal/read.js';
import type { Recovery, SkipReason } from '../../client/recover.js';
import type { CancelReport } from '../../api/report.js';
import type { CommandOf } from '../arguments.js';
import type { Deliveries } from '../folder.js';
import type { Output, Tone } from '../output.js';
import { writeReport } from './ending.js';
import { doubtTexts, operationLine, unreadableLine } from './journaled.js';
import type { Scene } from './rows.js';
import { jsonView, plainBoard, textViewOf, type View } from './view.js';

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

/**
 * Shows what was left behind and what becomes of it: several operations at once, so each line says whose it is. A recovery
 * tells ids only. The rest is in `journaled`, which was read before.
 */
export function recoverView(
  journaled: readonly JournaledOperation[],
  { json, server }: CommandOf<'recover'>,
  output: Output,
) {
  const known = new Map(journaled.map((operation) => [operation.id, operation]));
  const labelled = (id: string): Output => output.labelled(id.slice(0, SHORT_ID));
  /** Writes the value on stdout with `--json`, else the text on stderr. */
  const tell = (value: object, text: string, tone?: Tone): void => (json ? output.json(value) : output.say(text, tone));
  const lineOf = (id: string): string => {
    const operation = known.get(id);
    return operation === undefined ? id : operationLine(operation, Date.now());
  };
  const reasonOf = (id: string, reason: SkipReason): string => {
    const origin = known.get(id)?.record.server.origin;
    return reason === 'other-server' && origin !== undefined ? `since it is of ${origin}` : reasons[reason];
  };
  return {
    /** The view of one operation. */
    viewOf: (id: string, scene: Scene): View => {
      const own = labelled(id);
      return json ? jsonView(scene, output, { operation: id }) : textViewOf(scene, own, plainBoard(own));
    },
    found: ({ operations, skipped, unreadable }: Recovery, folder: string): void => {
      if (operations.length + skipped.length + unreadable.length === 0 && !json) {
        output.say(`There is nothing to recover in the journal ${folder}.`);
      }
      for (const { id } of operations) tell({ type: 'found', id, ...known.get(id) }, `Found: ${lineOf(id)}`);
      for (const { id, reason } of skipped) {
        const line = `Skipped, ${reasonOf(id, reason)}: ${lineOf(id)}`;
        tell({ type: 'skipped', id, ...known.get(id), reason }, line);
      }
      for (const entry of unreadable) tell({ type: 'unreadable', ...entry }, unreadableLine(entry, folder));
    },
    cancelled: (id: string, report: CancelReport, deliveries: Deliveries): void => {
      if (json) output.json({ type: 'cancelled', operation: id, report }, deliveries.values());
      else writeReport(report, { deliveries, serverFlags: server.flags }, labelled(id));
    },
    note: (id: string, text: string): void => labelled(id).say(text, 'quiet'),
    /** Says what only the user can look into. Returns whether there is any. */
    doubts: ({ operations, skipped }: Recovery): boolean => {
      const doubts = [
        ...operations.map(({ id, operation }) => ({ id, jobs: inDoubtOf(operation.jobs) })),
        ...skipped
          .filter(({ reason }) => !settledReasons.includes(reason))
          .map(({ id }) => ({ id, jobs: known.get(id)?.inDoubt ?? [] })),
      ].filter(({ jobs }) => jobs.length > 0);
      for (const { id, jobs } of doubts) {
        const text = `${id}: ${doubtTexts(jobs).join('; ')}. Once you have looked into it: genai-cancel forget ${id}`;
        tell({ type: 'in-doubt', operation: id, jobs }, text, 'bad');
      }
      return doubts.length > 0;
    },
  };
}
