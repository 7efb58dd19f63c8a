import { cancelable } from '../node/index.js';
import type { JournaledOperation } from '../journal/read.js';
import type { AttachCommand } from './arguments/attach.js';
import { connect, expectServer } from './connect.js';
import { ImageFolder } from './folder.js';
import { chosenJournal, findOperation, openJournal } from './journal.js';
import { chooseViewHere } from './view/choose.js';
import { watch } from './watch.js';

/** Watches what another process has started. Resolves to the exit code; never, when a signal ends the process. */
export async function attach(command: AttachCommand): Promise<number> {
  const { target, out, apiVersion, journal } = command;
  const found = await find(command);
  const { client } = connect(apiVersion);
  if (found !== undefined) expectServer(client, found.record);
  const folder = new ImageFolder(out, command);
  const images = cancelable(client, { journal: chosenJournal(journal) });
  const operation = images.attach('name' in target ? target.name : (found?.record ?? target.id));
  const { isComplete } = await watch(operation, {
    store: folder,
    viewOf: (scene) => {
      const view = chooseViewHere(scene, command);
      if (found?.isOrphan === false) view.remark('Its process lives, and will have what it makes, too.');
      return view;
    },
  });
  await images.close();
  return isComplete ? 0 : 1;
}

async function find({ target, journal }: AttachCommand): Promise<JournaledOperation | undefined> {
  if ('name' in target || journal === false) return undefined;
  return findOperation(openJournal(journal), target.id);
}
