import { parseJobName } from '../api/job-name.js';
import { cancelable } from '../node/cancelable.js';
import type { Command } from './arguments.js';
import { connect, expectServer } from './connect.js';
import { expectRoom, ImageFolder, leaving } from './folder.js';
import { chosenJournal, findOperation } from './journal.js';
import type { Setting } from './output.js';
import { writeReport } from './view/ending.js';
import { imagesOf } from './view/rows.js';
import { viewOn } from './view/view.js';
import { isWritten, receiver, saveImages, watch } from './watch.js';

/** Watches what another process has started. Resolves to the exit code; never, when a signal ends the process. */
export async function attach(command: Command, { output, env }: Setting): Promise<number> {
  const { images, subject, isAlive } = await reach(command, env);
  const store = new ImageFolder(command.out, command);
  const operation = images.attach(subject, { onImage: receiver(store) });
  if (isAlive) output.say('Its process lives, and will have what it makes, too.');
  const audience = { store, output, serverFlags: command.server.flags, viewOf: viewOn(output, command) };
  const { isComplete } = await watch(operation, audience);
  await images.close();
  return isComplete ? 0 : 1;
}

/** Cancels a job that is known by its name, or all jobs of an operation. Resolves to the exit code. */
export async function cancel(command: Command, { output, env }: Setting): Promise<number> {
  const { out, json, server } = command;
  const { images, subject } = await reach(command, env);
  const store = out === undefined ? leaving : new ImageFolder(out, { force: false });
  const reported = typeof subject === 'string' ? images.cancel(subject) : images.attach(subject).cancel();
  // Either way there is an operation. Its events tell which image is which; a report does not.
  const [operation] = images.operations;
  const deliveries = operation === undefined ? new Map<never, never>() : saveImages(operation, store);
  operation?.on('warning', ({ code, message }) => {
    if (code !== 'job-failed') output.say(`Note: ${message}`);
  });
  const report = await reported;
  await images.close();
  if (json) output.json(report, deliveries.values());
  else writeReport(report, { deliveries, serverFlags: server.flags }, output);
  return report.counts.running > 0 || !isWritten(deliveries) ? 1 : 0;
}

/** Finds what is meant in the journal, if it is no name of a job, and connects to the server where it is. */
async function reach({ word = '', journal, server, out = '.' }: Command, env: Setting['env']) {
  const found = parseJobName(word) === undefined ? await findOperation(journal, word) : undefined;
  if (found !== undefined) expectRoom(out, found.record.jobs.flatMap(imagesOf).length);
  const client = connect(server, env);
  if (found !== undefined) expectServer(client, found.record);
  const images = cancelable(client, { journal: chosenJournal(journal) });
  return { images, subject: found?.record ?? word, isAlive: found?.isOrphan === false };
}
