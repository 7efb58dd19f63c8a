import { NotStartedError } from '../api/errors.js';
import { cancelable } from '../node/cancelable.js';
import type { Operation } from '../api/handle.js';
import type { Command } from './arguments.js';
import { connect } from './connect.js';
import { ImageFolder } from './folder.js';
import { chosenJournal } from './journal.js';
import type { Setting } from './output.js';
import { expectNotRefused } from './probe.js';
import { expectConsent, readPrompt } from './surroundings.js';
import { viewOn } from './view/view.js';
import { receiver, watch } from './watch.js';

/** More images than these are asked about: a slip of the finger would be paid for. */
const MAX_UNASKED = 10;

/** How long a signal waits for the image of a request that cannot be cancelled. A second one does not wait. */
const SHUTDOWN_MS = 30_000;

/** Makes the images. Resolves to the exit code; never, when a signal ends the process. */
export async function generate(command: Command, setting: Setting): Promise<number> {
  const { model, config, timeoutMs, requireCancelable, tag, backend, emulator, server } = command;
  const { output, stdin, env } = setting;
  const emulated = emulator ? await (await import('./emulator.js')).connectToEmulator(command) : undefined;
  try {
    const client = emulated?.client ?? connect(server, env);
    if (requireCancelable && backend !== 'batches') expectNotRefused(client, model);
    const prompt = await readPrompt(command.word, stdin);
    const count = config.numberOfImages;
    const isAsked = count > MAX_UNASKED && !command.yes && !emulator;
    if (isAsked) await expectConsent(`This makes ${count} images, and each is paid for.`, setting);
    const folder = new ImageFolder(command.out, command);
    folder.check(count);
    const images = cancelable(client, { journal: chosenJournal(command.journal) });
    const options = { timeoutMs, requireCancelable, tag, backend, limits: { shutdownMs: SHUTDOWN_MS } };
    const operation = images.start({ model, prompt, config }, { ...options, onImage: receiver(folder) });
    const ended = (): void => {
      for (const remark of [emulated?.cost(), journalHint(operation)]) if (remark !== undefined) output.say(remark);
    };
    const audience = { store: folder, output, serverFlags: server.flags, viewOf: viewOn(output, command), ended };
    const { isComplete } = await watch(operation, audience);
    // The journal has to be told, too.
    await images.close();
    return isComplete ? 0 : 1;
  } finally {
    await emulated?.close();
  }
}

function journalHint({ jobs }: Operation): string | undefined {
  const errors = jobs.map(({ error }) => error);
  const failure = errors.find((error) => error instanceof NotStartedError && error.code === 'JOURNAL_FAILED');
  if (failure === undefined) return undefined;
  const why = failure.cause instanceof Error ? ` (${failure.cause.message})` : '';
  return `The journal is what finds the jobs again after a crash${why}. Choose another with --journal FOLDER, or do without by --no-journal.`;
}
