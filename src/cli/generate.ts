import { NotStartedError } from '../api/errors.js';
import { cancelable } from '../node/cancelable.js';
import type { Operation } from '../api/handle.js';
import type { CommandOf } from './arguments.js';
import { connect, connectToEmulator } from './connect.js';
import { CliFailure, usageFailure } from './failure.js';
import { ImageFolder, receiving } from './folder.js';
import { chosenJournal } from './journal.js';
import type { Setting } from './output.js';
import { readConsent, readPrompt } from './surroundings.js';
import { viewOn, type View } from './view/view.js';
import { watch } from './watch.js';

/** More images than these are asked about: a slip of the finger would be paid for. */
const MAX_UNASKED = 10;

/** How long a signal waits for the image of a request that cannot be cancelled. A second one does not wait. */
const SHUTDOWN_MS = 30_000;

/** Makes the images. Resolves to the exit code; never, when a signal ends the process. */
export async function generate(command: CommandOf<'generate'>, setting: Setting): Promise<number> {
  const { model, config, timeoutMs, requireCancelable, tag, backend, emulator, server } = command;
  const { output, stdin, env } = setting;
  const emulated = emulator && (await connectToEmulator(emulator.workMs, server));
  try {
    const client = emulated?.client ?? connect(server, env);
    const prompt = command.prompt ?? (await readPrompt(stdin));
    await expectConsent(command, setting);
    const folder = new ImageFolder(command.out, command);
    folder.check(config.numberOfImages);
    const images = cancelable(client, { journal: chosenJournal(command.journal) });
    const store = receiving(folder);
    const options = { timeoutMs, requireCancelable, tag, backend, limits: { shutdownMs: SHUTDOWN_MS } };
    const operation = images.start({ model, prompt, config }, { ...options, onImage: store.onImage });
    const ended = (view: View): void => {
      for (const remark of [emulated?.cost(), journalHint(operation)]) if (remark !== undefined) view.remark(remark);
    };
    const audience = { store, output, serverFlags: server.flags, viewOf: viewOn(output, command), ended };
    const { isComplete } = await watch(operation, audience);
    // The journal has to be told, too.
    await images.close();
    return isComplete ? 0 : 1;
  } finally {
    await emulated?.close();
  }
}

/** Asks about many images, in a terminal. Elsewhere nobody could answer. */
async function expectConsent(command: CommandOf<'generate'>, { output, stdin, stderr }: Setting) {
  const count = command.config.numberOfImages;
  if (count <= MAX_UNASKED || command.yes || command.emulator !== undefined) return;
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw usageFailure(`${count} images would be made and paid for. If you mean it, add --yes.`);
  }
  output.say(`${count} images will be made and paid for. Do you mean it? (y/N; --yes answers beforehand)`);
  if (!(await readConsent(stdin))) throw new CliFailure(`Nothing was sent: ${count} images were not wanted.`, 2);
}

function journalHint({ jobs }: Operation): string | undefined {
  const errors = jobs.map(({ error }) => error);
  const failure = errors.find((error) => error instanceof NotStartedError && error.code === 'JOURNAL_FAILED');
  if (failure === undefined) return undefined;
  const why = failure.cause instanceof Error ? ` (${failure.cause.message})` : '';
  return `The journal is what finds the jobs again after a crash${why}. Choose another with --journal FOLDER, or do without by --no-journal.`;
}
