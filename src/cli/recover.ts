import { COMMAND } from '../api/commands.js';
import type { Operation } from '../api/handle.js';
import type { Image } from '../api/images.js';
import { readJournal, type JournaledOperation } from '../journal/read.js';
import { inDoubtOf } from '../journal/record.js';
import type { RecoveredOperation, Recovery, SkipReason } from '../client/recover.js';
import { cancelable } from '../node/cancelable.js';
import type { Command } from './arguments.js';
import { connect } from './connect.js';
import { ImageFolder, type Deliveries, type Delivery, type ImageStore } from './folder.js';
import { doubtTexts, openJournal, operationLine, shortOf, unreadableLine } from './journal.js';
import type { Output, Setting } from './output.js';
import { writeReport } from './view/ending.js';
import type { Scene } from './view/rows.js';
import { jsonView, textViewOf, type View } from './view/view.js';
import { deliver, expectWritten, isWritten, watch } from './watch.js';

type RecoverView = ReturnType<typeof recoverView>;

/** Finds what a crash has left in the journal, and watches or cancels it. Resolves to the exit code. */
export async function recover(command: Command, { output, env }: Setting): Promise<number> {
  const client = connect(command.server, env);
  const folder = new ImageFolder(command.out, { force: false });
  const { journal, folder: place } = openJournal(command.journal);
  const deliveries = new Map<string, Map<number, Delivery>>();
  const onImage = (image: Image, index: number, operation: Operation): void => {
    const { id } = operation;
    const delivery = deliver(operation, folder.within(id), image, index);
    deliveries.set(id, (deliveries.get(id) ?? new Map<number, Delivery>()).set(index, delivery));
    expectWritten(delivery);
  };
  const images = cancelable(client, { journal, onImage });
  const { operations: journaled } = await readJournal(journal);
  const view = recoverView(journaled, command, output);
  const isCancel = command.word === 'cancel';
  const recovery = await images.recover({ policy: isCancel ? 'cancel' : 'attach' });
  view.found(recovery, place);
  const ends = isCancel
    ? recovery.operations.map((one) => view.cancelled(one, deliveries.get(one.id) ?? new Map<never, never>()))
    : await Promise.all(recovery.operations.map((one) => watchOne(one, view, folder.within(one.id))));
  const isDone = ends.every(Boolean);
  const isInDoubt = view.doubts(recovery);
  // The journal has to be told, too.
  await images.close();
  const isClear = recovery.skipped.every(({ reason }) => FINE.includes(reason));
  return isDone && isClear && recovery.unreadable.length === 0 && !isInDoubt ? 0 : 1;
}

/** Resolves to whether all jobs have ended, as the server says, and their images are written. */
async function watchOne({ id, operation }: RecoveredOperation, view: RecoverView, store: ImageStore): Promise<boolean> {
  const watched = await watch(operation, { store, ...view.audienceOf(id) });
  return watched.isWritten && operation.jobs.every(({ state }) => state !== 'unknown');
}

const reasons: Readonly<Record<SkipReason, string>> = {
  detached: 'since it was left running on purpose',
  'other-server': 'since it is of another server',
  'in-doubt': 'since its jobs cannot be found again',
  lost: 'and removed, since the server denies its jobs',
  expired: 'and removed, since it was in doubt for 48 hours',
  'needs-storage': 'since its images are in Cloud Storage, which needs a program of yours',
  claimed: 'since another process has just claimed it',
};
/** Reasons that need no action: it is somebody else's, or was left running on purpose. */
const FINE: readonly SkipReason[] = ['detached', 'other-server', 'claimed'];
/** Reasons after which nothing is in doubt: the record is gone, or another process has it. */
const SETTLED: readonly SkipReason[] = ['lost', 'expired', 'claimed'];

/** Shows what becomes of several operations at once. A recovery tells ids only; `journaled` has the rest. */
function recoverView(journaled: readonly JournaledOperation[], command: Command, output: Output) {
  const { json, quiet, server } = command;
  const known = new Map(journaled.map((operation) => [operation.id, operation]));
  const labelled = (id: string): Output => output.labelled(shortOf(id));
  const tell = (value: object, text: string): void => (json ? output.json(value) : output.say(text));
  const lines = new Map(journaled.map((operation) => [operation.id, operationLine(operation, Date.now())]));
  return {
    audienceOf: (id: string) => {
      const own = labelled(id);
      const viewOf = (scene: Scene): View =>
        json ? jsonView(scene, output, { operation: id }) : textViewOf(scene, own, quiet, false);
      return { viewOf, output, serverFlags: server.flags };
    },
    found: ({ operations, skipped, unreadable }: Recovery, folder: string): void => {
      const isEmpty = operations.length + skipped.length + unreadable.length === 0;
      if (isEmpty && !json) output.say(`There is nothing to recover in the journal ${folder}.`);
      for (const { id } of operations) tell({ type: 'found', id, ...known.get(id) }, `Found: ${lines.get(id) ?? id}`);
      for (const { id, reason } of skipped) {
        const origin = known.get(id)?.record.server.origin;
        const why = reason === 'other-server' && origin !== undefined ? `since it is of ${origin}` : reasons[reason];
        tell({ type: 'skipped', id, ...known.get(id), reason }, `Skipped, ${why}: ${lines.get(id) ?? id}`);
      }
      for (const entry of unreadable) tell({ type: 'unreadable', ...entry }, unreadableLine(entry, folder));
    },
    /** Returns whether all jobs have ended, as the server says, and the images that were made before are written. */
    cancelled: ({ id, report }: RecoveredOperation, deliveries: Deliveries): boolean => {
      if (report === undefined) return false;
      if (json) output.json({ type: 'cancelled', operation: id, report }, deliveries.values());
      else writeReport(report, { deliveries, serverFlags: server.flags }, labelled(id));
      return report.counts.running === 0 && isWritten(deliveries);
    },
    /** Says what only the user can look into. Returns whether there is any. */
    doubts: ({ operations, skipped }: Recovery): boolean => {
      const left = skipped.filter(({ reason }) => !SETTLED.includes(reason));
      const doubts = [
        ...operations.map(({ id, operation }) => ({ id, jobs: inDoubtOf(operation.jobs) })),
        ...left.map(({ id }) => ({ id, jobs: known.get(id)?.inDoubt ?? [] })),
      ].filter(({ jobs }) => jobs.length > 0);
      for (const { id, jobs } of doubts) {
        const text = `${id}: ${doubtTexts(jobs).join('; ')}. Once you have looked into it: ${COMMAND} forget ${id}`;
        tell({ type: 'in-doubt', operation: id, jobs }, text);
      }
      return doubts.length > 0;
    },
  };
}
