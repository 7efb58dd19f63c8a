import { cancelable, JournalError, type Operation } from '../node/index.js';
import type { GenerateCommand } from './arguments/generate.js';
import { connect, connectToEmulator, type Connection } from './connect.js';
import { ImageFolder } from './folder.js';
import { chosenJournal } from './journal.js';
import { readPrompt } from './prompt.js';
import { chooseViewHere } from './view/choose.js';
import { harmless } from './view/paint.js';
import { watch } from './watch.js';

/** Makes the images. Resolves to the exit code; never, when a signal ends the process. */
export async function generate(command: GenerateCommand): Promise<number> {
  const { emulator, apiVersion } = command;
  const connection =
    emulator === undefined ? connect(apiVersion) : await connectToEmulator(emulator.workMs, apiVersion);
  try {
    const prompt = command.prompt ?? (await readPrompt(process.stdin));
    const folder = new ImageFolder(command.out, command);
    folder.check(command.config.numberOfImages);
    return await run(command, prompt, folder, connection);
  } finally {
    await connection.close();
  }
}

async function run(
  command: GenerateCommand,
  prompt: string,
  folder: ImageFolder,
  connection: Connection,
): Promise<number> {
  const { model, config, timeoutMs, requireCancelable, tag } = command;
  const images = cancelable(connection.client, { journal: chosenJournal(command.journal) });
  const operation = images.start({ model, prompt, config }, { timeoutMs, requireCancelable, tag });
  const { isComplete } = await watch(operation, {
    store: folder,
    viewOf: (scene) => chooseViewHere(scene, command),
    ended: (view) => {
      const remarks = [connection.cost(), journalHint(operation)];
      for (const remark of remarks) if (remark !== undefined) view.remark(remark);
    },
  });
  // The journal has to be told, too.
  await images.close();
  return isComplete ? 0 : 1;
}

function journalHint({ jobs }: Operation): string | undefined {
  const failure = jobs.map(({ error }) => error).find((error) => error instanceof JournalError);
  if (failure === undefined) return undefined;
  const why = failure.cause instanceof Error ? ` (${harmless(failure.cause.message)})` : '';
  return `The journal is what finds the jobs again after a crash${why}. Choose another with --journal FOLDER, or do without by --no-journal.`;
}
