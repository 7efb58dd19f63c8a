import { NotStartedError } from '../api/errors.js';
import { cancelable } from '../node/cancelable.js';
import type { Operation } from '../api/handle.js';
import type { CommandOf } from './arguments.js';
import { connect, connectToEmulator, type Connection } from './connect.js';
import { ImageFolder } from './folder.js';
import { chosenJournal } from './journal.js';
import { readPrompt, type Surroundings } from './surroundings.js';
import { chooseView } from './view/view.js';
import { watch } from './watch.js';

/** Makes the images. Resolves to the exit code; never, when a signal ends the process. */
export async function generate(command: CommandOf<'generate'>, surroundings: Surroundings): Promise<number> {
  const { emulator, apiVersion } = command;
  const connection: Connection =
    emulator === undefined
      ? { client: connect(apiVersion, surroundings.env) }
      : await connectToEmulator(emulator.workMs, apiVersion);
  try {
    return await makeImages(command, connection, surroundings);
  } finally {
    await connection.close?.();
  }
}

async function makeImages(command: CommandOf<'generate'>, connection: Connection, surroundings: Surroundings) {
  const { model, config, timeoutMs, requireCancelable, tag } = command;
  const prompt = command.prompt ?? (await readPrompt(surroundings.stdin));
  const folder = new ImageFolder(command.out, command);
  folder.check(config.numberOfImages);
  const images = cancelable(connection.client, { journal: chosenJournal(command.journal) });
  const operation = images.start({ model, prompt, config }, { timeoutMs, requireCancelable, tag });
  const { isComplete } = await watch(operation, {
    store: folder,
    viewOf: (scene) => chooseView(scene, command, surroundings),
    ended: (view) => {
      const remarks = [connection.cost?.(), journalHint(operation)];
      for (const remark of remarks) if (remark !== undefined) view.remark(remark);
    },
  });
  // The journal has to be told, too.
  await images.close();
  return isComplete ? 0 : 1;
}

function journalHint({ jobs }: Operation): string | undefined {
  const failure = jobs
    .map(({ error }) => error)
    .find((error) => error instanceof NotStartedError && error.code === 'JOURNAL_FAILED');
  if (failure === undefined) return undefined;
  const why = failure.cause instanceof Error ? ` (${failure.cause.message})` : '';
  return `The journal is what finds the jobs again after a crash${why}. Choose another with --journal FOLDER, or do without by --no-journal.`;
}
