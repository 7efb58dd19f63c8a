import { readJournal, type JournaledOperation } from '../journal/read.js';
import type { Recovery, SkipReason } from '../client/recover.js';
import type { CancelableImages } from '../client/cancelable-images.js';
import { cancelable } from '../node/cancelable.js';
import type { CommandOf } from './arguments.js';
import { connect } from './connect.js';
import { ImageFolder, receiving, type Receiver } from './folder.js';
import { openJournal } from './journal.js';
import { Output } from './output.js';
import type { Surroundings } from './surroundings.js';
import { recoverView } from './view/recover.js';
import { isWritten, saveImages, watch } from './watch.js';

/** Reasons to skip what is somebody else's, or was left running on purpose. */
const harmlessReasons: readonly SkipReason[] = ['detached', 'other-server', 'claimed'];

/** Operations that are cancelled at a time. */
const CANCELLED_AT_ONCE = 16;

type RecoverView = ReturnType<typeof recoverView>;

/** The places of the images, and the view. */
interface Audience {
  /** The folder of one operation. */
  readonly storeOf: (id: string) => Receiver;
  readonly view: RecoverView;
}

/** Finds what a crash has left in the journal, and watches or cancels it. Resolves to the exit code. */
export async function recover(command: CommandOf<'recover'>, surroundings: Surroundings): Promise<number> {
  const { policy } = command;
  const client = connect(command.server, surroundings.env);
  const folder = new ImageFolder(command.out, { force: false });
  const { journal, folder: place } = openJournal(command.journal);
  const stores = new Map<string, Receiver>();
  const storeOf = (id: string): Receiver => {
    const store = stores.get(id) ?? receiving(folder.within(id));
    stores.set(id, store);
    return store;
  };
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
  const { operations, skipped, unreadable } = await images.recover({
    filter: ({ detachedAt }) => detachedAt === undefined,
  });
  const detached = journaled.filter(({ isOrphan, record }) => isOrphan && record.detachedAt !== undefined);
  // Storage is needed to read images, and not to cancel.
  const unread = skipped.filter(({ reason }) => reason === 'needs-storage').map(({ id }) => id);
  const attached = journaled.filter(({ id }) => unread.includes(id));
  return {
    operations: [...operations, ...attached.map(({ id, record }) => ({ id, operation: images.attach(record) }))],
    skipped: [
      ...skipped.filter(({ id }) => !unread.includes(id)),
      ...detached.map(({ id }) => ({ id, reason: 'detached' as const })),
    ],
    unreadable,
  };
}

/** Resolves to whether all jobs have ended, as the server says, and their images are written. */
async function watchAll({ operations }: Recovery, { storeOf, view }: Audience): Promise<boolean> {
  const ends = operations.map(async ({ id, operation }) => {
    const { isWritten } = await watch(operation, {
      store: storeOf(id),
      viewOf: (scene) => view.viewOf(id, scene),
    });
    return isWritten && operation.jobs.every(({ state }) => state !== 'unknown');
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
  let isDone = true;
  for (let start = 0; start < heard.length; start += CANCELLED_AT_ONCE) {
    const chunk = heard.slice(start, start + CANCELLED_AT_ONCE).map(async ({ id, operation, deliveries }) => {
      const report = await operation.cancel(new DOMException('Its process had ended.', 'AbortError'));
      view.cancelled(id, report, deliveries);
      isDone &&= report.counts.running === 0 && isWritten(deliveries);
    });
    await Promise.all(chunk);
  }
  return isDone;
}
