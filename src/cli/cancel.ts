import type { CommandOf } from './arguments.js';
import { reach } from './connect.js';
import { ImageFolder, leaving, type Delivery } from './folder.js';
import type { Surroundings } from './surroundings.js';
import { writeReport } from './view/ending.js';
import { writeJson } from './view/json.js';
import { choosePaint } from './view/paint.js';

/** Cancels a job that is known by its name, or all jobs of an operation. Resolves to the exit code. */
export async function cancel(command: CommandOf<'cancel'>, { stdout, stderr, env }: Surroundings): Promise<number> {
  const { out, json } = command;
  const { images, subject } = await reach(command, env);
  const store = out === undefined ? leaving : new ImageFolder(out, { force: false });
  const reported = typeof subject === 'string' ? images.cancel(subject) : images.attach(subject).cancel();
  // Either way there is an operation. Its events tell which image is which; a report does not.
  const [operation] = images.operations;
  const deliveries = new Map<number, Delivery>();
  // Written in the turn of its event: when that is over, the journal may have forgotten it.
  operation?.on('image', ({ index, image }) => deliveries.set(index, store.save(index, image)));
  const paint = choosePaint(stderr, env);
  operation?.on('warning', ({ code, message }) => {
    if (code !== 'job-failed') stderr.write(`${paint({ text: `Note: ${message}`, tone: 'quiet' })}\n`);
  });
  const report = await reported;
  await images.close();
  if (json) writeJson(stdout, report, deliveries.values());
  else writeReport(report, deliveries, { results: stdout, messages: stderr }, paint);
  const isLost = [...deliveries.values()].some(({ problem }) => problem !== undefined);
  return report.counts.running > 0 || isLost ? 1 : 0;
}
