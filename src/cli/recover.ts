import type { CancelReport } from '../api/report.js';
import { readJournal, type JournaledOperation } from '../journal/read.js';
import { inDoubtOf } from '../journal/record.js';
import { inChunks, type Recovery, type SkipReason } from '../client/recover.js';
import type { CancelableImages } from '../client/cancelable-images.js';
import { cancelable } from '../node/cancelable.js';
import type { CommandOf } from './arguments.js';
import { connect } from './connect.js';
import { ImageFolder, receiving, type Deliveries } from './folder.js';
import { openJournal } from './journal.js';
import { Output, type Tone } from './output.js';
import type { Surroundings } from './surroundings.js';
import { writeReport } from './view/ending.js';
import { doubtTexts, operationLine, unreadableLine } from './view/journaled.js';
import type { Scene } from './view/rows.js';
import { jsonView, plainBoard, textViewOf, type View } from './view/view.js';
import { isWritten, saveImages, watch } from './watch.js';

interface Audience {
  readonly storeOf: (id: string) => ReturnType<typeof receiving>;
  readonly view: ReturnType<typeof recoverView>;
  readonly serverFlags: string;
  readonly output: Output;
}

/** Finds what a crash has left in the journal, and watches or cancels it. Resolves to the exit code. */
export async function recover(command: CommandOf<'recover'>, surroundings: Surroundings): Promise<number> {
  const client = connect(command.server, surroundings.env);
  const folder = new ImageFolder(command.out, { force: false });
  const { journal, folder: place } = openJournal(command.journal);
  const storeOf = (id: string) => receiving(folder.within(id));
  const images = cancelable(client, { journal, onImage: (image, index, { id }) => storeOf(id).onImage(image, index) });
  const { operations: journaled } = await readJournal(journal);
  const output = new Output(surroundings);
  const view = recoverView(journaled, command, output);
  const isCancel = command.policy === 'cancel';
  const recovery = isCancel ? await takeToCancel(images, journaled) : await images.recover();
  view.found(recovery, place);
  const isDone = await (isCancel ? cancelAll : watchAll)(recovery, {
    storeOf,
    view,
    serverFlags: command.server.flags,
    output,
  });
  const isInDoubt = view.doubts(recovery);
  // The journal has to be told, too.
  await images.close();
  const isClear = recovery.skipped.every(({ reason }) => reasons[reason].isFine);
  return isDone && isClear && recovery.unreadable.length === 0 && !isInDoubt ? 0 : 1;
}

/** Takes what was not left running on purpose. It attaches, since the report of a cancel does not tell which image is which. */
async function takeToCancel(images: CancelableImages, journaled: readonly JournaledOperation[]): Promise<Recovery> {
  const recovery = await images.recover({ filter: ({ detachedAt }) => detachedAt === undefined });
  const detached = journaled.filter(({ isOrphan, record }) => isOrphan && record.detachedAt !== undefined);
  const skipped = recovery.skipped.filter(({ reason }) => reason !== 'needs-storage');
  // Storage is needed to read images, and not to cancel.
  const unread = recovery.skipped.filter((one) => !skipped.includes(one)).map(({ id }) => id);
  const attached = journaled.filter(({ id }) => unread.includes(id));
  return {
    ...recovery,
    operations: [
      ...recovery.operations,
      ...attached.map(({ id, record }) => ({ id, operation: images.attach(record) })),
    ],
    skipped: [...skipped, ...detached.map(({ id }) => ({ id, reason: 'detached' as const }))],
  };
}

/** Resolves to whether all jobs have ended, as the server says, and their images are written. */
async function watchAll({ operations }: Recovery, { storeOf, view, serverFlags, output }: Audience): Promise<boolean> {
  const ends = operations.map(async ({ id, operation }) => {
    const viewOf = (scene: Scene): View => view.viewOf(id, scene);
    const watched = await watch(operation, { store: storeOf(id), viewOf, serverFlags, output });
    return watched.isWritten && operation.jobs.every(({ state }) => state !== 'unknown');
  });
  return (await Promise.all(ends)).every(Boolean);
}

/** Resolves to whether all jobs have ended, as the server says, and the images that were made before are written. */
async function cancelAll({ operations }: Recovery, { storeOf, view }: Audience): Promise<boolean> {
  const heard = operations.map(({ id, operation }) => {
    return { id, operation, deliveries: saveImages(operation, storeOf(id), (note) => view.note(id, note)) };
  });
  const ends = await inChunks(heard, async ({ id, operation, deliveries }) => {
    const report = await operation.cancel(new DOMException('Its process had ended.', 'AbortError'));
    view.cancelled(id, report, deliveries);
    return report.counts.running === 0 && isWritten(deliveries);
  });
  return ends.every(Boolean);
}

interface Skip {
  readonly text: string;
  /** It is somebody else's, or was left running on purpose. */
  readonly isFine?: true;
  /** The record is gone, or another process looks into it. */
  readonly isSettled?: true;
}

const reasons: Readonly<Record<SkipReason, Skip>> = {
  detached: { text: 'since it was left running on purpose', isFine: true },
  'other-server': { text: 'since it is of another server', isFine: true },
  'in-doubt': { text: 'since its jobs cannot be found again' },
  lost: { text: 'and removed, since the server denies its jobs', isSettled: true },
  expired: { text: 'and removed, since it was in doubt for 48 hours', isSettled: true },
  'needs-storage': { text: 'since its images are in Cloud Storage, which needs a program of yours' },
  claimed: { text: 'since another process has just claimed it', isFine: true, isSettled: true },
};

/** Shows what becomes of several operations at once. A recovery tells ids only; `journaled` has the rest. */
function recoverView(journaled: readonly JournaledOperation[], command: CommandOf<'recover'>, output: Output) {
  const { json, server } = command;
  const known = new Map(journaled.map((operation) => [operation.id, operation]));
  // Enough of an id to tell the operations of one journal apart.
  const labelled = (id: string): Output => output.labelled(id.slice(0, 8));
  /** Writes the value on stdout with `--json`, else the text on stderr. */
  const tell = (value: object, text: string, tone?: Tone): void => (json ? output.json(value) : output.say(text, tone));
  const lineOf = (id: string): string => {
    const operation = known.get(id);
    return operation === undefined ? id : operationLine(operation, Date.now());
  };
  const reasonOf = (id: string, reason: SkipReason): string => {
    const origin = known.get(id)?.record.server.origin;
    return reason === 'other-server' && origin !== undefined ? `since it is of ${origin}` : reasons[reason].text;
  };
  return {
    viewOf: (id: string, scene: Scene): View => {
      const own = labelled(id);
      return json ? jsonView(scene, output, { operation: id }) : textViewOf(scene, own, plainBoard(own));
    },
    found: ({ operations, skipped, unreadable }: Recovery, folder: string): void => {
      const isEmpty = operations.length + skipped.length + unreadable.length === 0;
      if (isEmpty && !json) output.say(`There is nothing to recover in the journal ${folder}.`);
      for (const { id } of operations) tell({ type: 'found', id, ...known.get(id) }, `Found: ${lineOf(id)}`);
      for (const { id, reason } of skipped) {
        tell({ type: 'skipped', id, ...known.get(id), reason }, `Skipped, ${reasonOf(id, reason)}: ${lineOf(id)}`);
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
      const left = skipped.filter(({ reason }) => reasons[reason].isSettled !== true);
      const doubts = [
        ...operations.map(({ id, operation }) => ({ id, jobs: inDoubtOf(operation.jobs) })),
        ...left.map(({ id }) => ({ id, jobs: known.get(id)?.inDoubt ?? [] })),
      ].filter(({ jobs }) => jobs.length > 0);
      for (const { id, jobs } of doubts) {
        const text = `${id}: ${doubtTexts(jobs).join('; ')}. Once you have looked into it: genai-cancel forget ${id}`;
        tell({ type: 'in-doubt', operation: id, jobs }, text, 'bad');
      }
      return doubts.length > 0;
    },
  };
}
