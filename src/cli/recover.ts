import { readJournal } from '../journal/read.js';
import type { RecoveredOperation, SkipReason } from '../client/recover.js';
import { cancelable } from '../node/cancelable.js';
import type { CommandOf } from './arguments.js';
import { connect } from './connect.js';
import { ImageFolder, type Delivery, type ImageStore } from './folder.js';
import { numberedImages } from './images-of.js';
import { openJournal } from './journal.js';
import type { Surroundings } from './surroundings.js';
import { RecoverView } from './view/recover.js';
import { watch } from './watch.js';

/** Reasons to skip what is somebody else's, or was left running on purpose. */
const harmlessReasons: readonly SkipReason[] = ['detached', 'other-server', 'claimed'];

/** Finds what a crash has left in the journal, and watches or cancels it. Resolves to the exit code. */
export async function recover(command: CommandOf<'recover'>, surroundings: Surroundings): Promise<number> {
  const { policy, out, json, apiVersion } = command;
  const client = connect(apiVersion, surroundings.env);
  const folder = new ImageFolder(out, { force: false });
  const { journal, folder: place } = openJournal(command.journal);
  const images = cancelable(client, { journal });
  const { operations: journaled } = await readJournal(journal);
  const view = new RecoverView(journaled, json, surroundings);
  const recovery = await images.recover({ policy });
  const { operations, skipped, unreadable } = recovery;
  view.found(recovery, place);
  const ends = await Promise.all(operations.map((one) => conclude(one, folder.within(one.id), view)));
  const isInDoubt = view.doubts(recovery);
  // The journal has to be told, too.
  await images.close();
  const isClear = unreadable.length === 0 && skipped.every(({ reason }) => harmlessReasons.includes(reason));
  return isClear && !isInDoubt && ends.every(Boolean) ? 0 : 1;
}

/** Resolves to whether its jobs have ended, as the server says, and its images are written. */
async function conclude(one: RecoveredOperation, store: ImageStore, view: RecoverView): Promise<boolean> {
  const { id, operation, report } = one;
  if (report === undefined) {
    const { isWritten } = await watch(operation, { store, viewOf: (scene) => view.viewOf(id, scene) });
    return isWritten && operation.jobs.every(({ state }) => state !== 'unknown');
  }
  // Images that were made before the cancel have been paid for.
  const made = report.response === undefined ? [] : numberedImages(operation.jobs, report.response);
  const deliveries = new Map<number, Delivery>(made.map(({ index, image }) => [index, store.save(index, image)]));
  view.cancelled(id, report, deliveries);
  return report.counts.running === 0 && [...deliveries.values()].every(({ problem }) => problem === undefined);
}
