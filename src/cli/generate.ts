import { NotStartedError } from '../api/errors.js';
import { cancelable } from '../node/cancelable.js';
import type { Operation } from '../api/handle.js';
import type { CommandOf } from './arguments.js';
import { connect, connectToEmulator, type Connection } from './connect.js';
import { CliFailure, usageFailure } from './failure.js';
import { ImageFolder, receiving } from './folder.js';
import { chosenJournal } from './journal.js';
import { Output } from './output.js';
import { readConsent, readPrompt, type Surroundings } from './surroundings.js';
import { viewOn } from './view/view.js';
import { watch } from './watch.js';

/** More images than these are asked about: a slip of the finger would be paid for. */
const MAX_UNASKED = 10;

/** How long a signal waits for the image of a request that cannot be cancelled. A second one does not wait. */
const SHUTDOWN_MS = 30_000;

/** Makes the images. Resolves to the exit code; never, when a signal ends the process. */
export async function generate(command: CommandOf<'generate'>, surroundings: Surroundings): Promise<number> {
  const { emulator, server } = command;
  const connection: Connection =
    emulator === undefined
      ? { client: connect(server, surroundings.env) }
      : await connectToEmulator(emulator.workMs, server);
  try {
    return await makeImages(command, connection, surroundings);
  } finally {
    await connection.close?.();
  }
}

async function makeImages(command: CommandOf<'generate'>, connection: Connection, surroundings: Surroundings) {
  const { model, config, timeoutMs, requireCancelable, tag, backend, server } = command;
  const output = new Output(surroundings);
  const prompt = command.prompt ?? (await readPrompt(surroundings.stdin));
  await expectConsent(command, output, surroundings);
  const folder = new ImageFolder(command.out, command);
  folder.check(config.numberOfImages);
  const images = cancelable(connection.client, { journal: chosenJournal(command.journal) });
  const store = receiving(folder);
  const { onImage } = store;
  const operation = images.start(
    { model, prompt, config },
    { timeoutMs, requireCancelable, tag, backend, onImage, limits: { shutdownMs: SHUTDOWN_MS } },
  );
  const { isComplete } = await watch(operation, {
    store,
    output,
    serverFlags: server.flags,
    viewOf: viewOn(output, command),
    ended: (view) => {
      const remarks = [connection.cost?.(), journalHint(operation)];
      for (const remark of remarks) if (remark !== undefined) view.remark(remark);
    },
  });
  // The journal has to be told, too.
  await images.close();
  return isComplete ? 0 : 1;
}

/** Asks about many images, in a terminal. Elsewhere nobody could answer. */
async function expectConsent(
  { yes, emulator, config }: CommandOf<'generate'>,
  output: Output,
  { stdin, stderr }: Surroundings,
): Promise<void> {
  const { numberOfImages: count } = config;
  if (count <= MAX_UNASKED || yes || emulator !== undefined) return;
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw usageFailure(`${count} images would be made and paid for. If you mean it, add --yes.`);
  }
  output.say(`${count} images will be made and paid for. Do you mean it? (y/N; --yes answers beforehand)`);
  if (!(await readConsent(stdin))) throw new CliFailure(`Nothing was sent: ${count} images were not wanted.`, 2);
}

function journalHint({ jobs }: Operation): string | undefined {
  const failure = jobs
    .map(({ error }) => error)
    .find((error) => error instanceof NotStartedError && error.code === 'JOURNAL_FAILED');
  if (failure === undefined) return undefined;
  const why = failure.cause instanceof Error ? ` (${failure.cause.message})` : '';
  return `The journal is what finds the jobs again after a crash${why}. Choose another with --journal FOLDER, or do without by --no-journal.`;
}
