import {
  cancelable,
  type AttachedOperation,
  type CancelableImages,
  type RecoveredByCancel,
  type Recovery,
} from '../node/index.js';
import { inDoubtOf } from '../journal/record.js';
import type { RecoverCommand } from './arguments/recover.js';
import { connect } from './connect.js';
import { ImageFolder, type Delivery } from './folder.js';
import { numberedImages } from './images-of.js';
import { openJournal } from './journal.js';
import { RecoverView } from './view/recover.js';
import { watch } from './watch.js';

/** Finds what a crash has left in the journal, and watches or cancels it. Resolves to the exit code. */
export async function recover({ policy, out, json, apiVersion, journal }: RecoverCommand): Promise<number> {
  const { client } = connect(apiVersion);
  const folder = new ImageFolder(out, { force: false });
  const open = openJournal(journal);
  const images = cancelable(client, { journal: open.journal });
  const view = new RecoverView(json, open.folder);
  const isSettled = await (policy === 'attach' ? attachAll(images, folder, view) : cancelAll(images, folder, view));
  // The journal has to be told, too.
  await images.close();
  return isSettled ? 0 : 1;
}

async function attachAll(images: CancelableImages, folder: ImageFolder, view: RecoverView): Promise<boolean> {
  const recovery = await images.recover({ policy: 'attach' });
  // Listened to before anything is written: what has come already comes by the result.
  const watched = recovery.operations.map(({ operation }) =>
    watch(operation, { store: folder.within(operation.id), viewOf: (scene) => view.viewOf(operation.id, scene) }),
  );
  view.found(recovery);
  const outcomes = await Promise.all(watched);
  // What could be looked for was, by now.
  const operations = recovery.operations.map((one) => ({ ...one, inDoubt: inDoubtOf(one.operation.jobs) }));
  view.doubts(operations);
  const isKnown = isClear({ ...recovery, operations }) && operations.every(hasEnded);
  return isKnown && outcomes.every(({ isWritten }) => isWritten);
}

function hasEnded({ operation }: AttachedOperation): boolean {
  return operation.jobs.every(({ state }) => state !== 'unknown');
}

async function cancelAll(images: CancelableImages, folder: ImageFolder, view: RecoverView): Promise<boolean> {
  const recovery = await images.recover({ policy: 'cancel' });
  view.found(recovery);
  const outcomes = recovery.operations.map((one) => {
    const deliveries = save(one, folder);
    view.cancelled(one, deliveries);
    const isWritten = [...deliveries.values()].every(({ problem }) => problem === undefined);
    return isWritten && one.report.outcome !== 'unconfirmed';
  });
  view.doubts(recovery.operations);
  return isClear(recovery) && outcomes.every(Boolean);
}

/** What had been made before the cancel has been paid for. */
function save({ operation, report }: RecoveredByCancel, folder: ImageFolder): ReadonlyMap<number, Delivery> {
  const store = folder.within(operation.id);
  const made = report.response === undefined ? [] : numberedImages(operation.jobs, report.response);
  return new Map(made.map(({ index, image }) => [index, store.save(index, image)]));
}

/** Of what cannot be read nobody can tell whether it runs. */
function isClear({ operations, unreadable }: Recovery): boolean {
  return unreadable.length === 0 && operations.every(({ inDoubt }) => inDoubt.length === 0);
}
