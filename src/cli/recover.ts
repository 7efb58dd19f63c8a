import { readJournal, type JournaledOperation } from '../journal/read.js';
import { inChunks, type Recovery, type SkipReason } from '../client/recover.js';
import type { CancelableImages } from '../client/cancelable-images.js';
import { cancelable } from '../node/cancelable.js';
import type { CommandOf } from './arguments.js';
import { connect } from './connect.js';
import { ImageFolder, receiving } from './folder.js';
import { openJournal } from './journal.js';
import { Output } from './output.js';
import type { Surroundings } from './surroundings.js';
import { recoverView } from './view/recover.js';
import { isWritten, saveImages, watch } from './watch.js';

/** Reasons to skip what is somebody else's, or was left running on purpose. */
const harmlessReasons: readonly SkipReason[] = ['detached', 'other-server', 'claimed'];

interface Audience {
  readonly storeOf: (id: string) => ReturnType<typeof receiving>;
  readonly view: ReturnType<typeof recoverView>;
}

/** Finds what a crash has left in the journal, and watches or cancels it. Resolves to the exit code. */
export async function recover(command: CommandOf<'recover'>, surroundings: Surroundings): Promise<number> {
  const { policy } = command;
  const client = connect(command.server, surroundings.env);
  const folder = new ImageFolder(command.out, { force: false });
  const { journal, folder: place } = openJournal(command.journal);
  const storeOf = (id: string) => receiving(folder.within(id));
  const images = cancelable(client, { journal, onImage: (image, index, { id }) => storeOf(id).onImage(image, index) });
  const { operations: journaled } = await readJournal(journal);
  const view = recoverView(journaled, command, new Output(surroundings));
  const recovery = policy === 'cancel' ? await takeToCancel(images, journaled) : await images.recover();
  view.found(recovery, place);
  const conclude = policy === 'cancel' ? cancelAll : watchAll;
  const isDone = await conclude(recovery, { storeOf, view });
  const isInDoubt = view.doubts(recovery);
  // The journal has to be told, too.
  await images.close();
  const isClear = recovery.skipped.every(({ reason }) => harmlessReasons.includes(reason));
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
async function watchAll({ operations }: Recovery, { storeOf, view }: Audience): Promise<boolean> {
  const ends = operations.map(async ({ id, operation }) => {
    const watched = await watch(operation, { store: storeOf(id), viewOf: (scene) => view.viewOf(id, scene) });
    return watched.isWritten && operation.jobs.every(({ state }) => state !== 'unknown');
  });
  return (await Promise.all(ends)).every(Boolean);
}

/** Resolves to whether all jobs have ended, as the server says, and the images that were made before are written. */
async function cancelAll({ operations }: Recovery, { storeOf, view }: Audience): Promise<boolean> {
  const heard = operations.map(({ id, operation }) => ({
    id,
    operation,
    deliveries: saveImages(operation, storeOf(id), (note) => view.note(id, note)),
  }));
  const ends = await inChunks(heard, async ({ id, operation, deliveries }) => {
    const report = await operation.cancel(new DOMException('Its process had ended.', 'AbortError'));
    view.cancelled(id, report, deliveries);
    return report.counts.running === 0 && isWritten(deliveries);
  });
  return ends.every(Boolean);
}
