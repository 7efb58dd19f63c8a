import type { GenerateCommand } from './arguments.js';
import { connect, connectToEmulator, type Connection } from './connect.js';
import { ImageFolder, type Delivery } from './folder.js';
import { cancelable, type Operation } from '../node/index.js';
import { readPrompt } from './prompt.js';
import { chooseView } from './view/choose.js';
import type { Scene, View } from './view/view.js';

const TICK_MS = 100;

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
  const { model, config, timeoutMs, requireCancellable } = command;
  const images = cancelable(connection.client);
  const operation = images.start({ model, prompt, config }, { timeoutMs, requireCancellable });
  const deliveries = show(operation, folder, command, connection);
  // Signals are the library's: it cancels, says so by events, and ends the process before this resolves.
  await operation.result().catch(() => undefined);
  // What could not be cancelled has been paid for.
  await operation.salvaged();
  const made = [...deliveries.values()].filter(({ problem }) => problem === undefined);
  return made.length === config.numberOfImages ? 0 : 1;
}

/** Writes and shows what comes, in the turn of its event: there may be no later one. */
function show(
  operation: Operation,
  folder: ImageFolder,
  command: GenerateCommand,
  connection: Connection,
): ReadonlyMap<number, Delivery> {
  const deliveries = new Map<number, Delivery>();
  const scene: Scene = { jobs: () => operation.jobs, deliveries, now: () => Date.now() };
  const { stdout, stderr, env: environment } = process;
  const view = chooseView(scene, command, { stdout, stderr, environment });
  operation.on('image', ({ index, image }) => deliveries.set(index, folder.save(index, image)));
  listen(operation, view);
  const ticker = setInterval(() => view.tick(), TICK_MS);
  operation.on('settled', () => {
    clearInterval(ticker);
    const cost = connection.cost();
    if (cost !== undefined) view.remark(cost);
  });
  return deliveries;
}

/** Listeners rather than `events()`: an iterator hears only in a later turn. */
function listen(operation: Operation, view: View): void {
  operation.on('submitted', (event) => view.event({ type: 'submitted', ...event }));
  operation.on('state', (event) => view.event({ type: 'state', ...event }));
  operation.on('progress', (event) => view.event({ type: 'progress', ...event }));
  operation.on('image', (event) => view.event({ type: 'image', ...event }));
  operation.on('cancelling', (event) => view.event({ type: 'cancelling', ...event }));
  operation.on('warning', (event) => view.event({ type: 'warning', ...event }));
  operation.on('settled', (event) => view.event({ type: 'settled', ...event }));
}
