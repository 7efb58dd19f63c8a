import type { GoogleGenAI } from '@google/genai';
import { cancelable, type CancelReport, type Journal, type Operation } from '../node/index.js';
import type { JournaledOperation } from '../journal/read.js';
import { expectServer } from './connect.js';
import type { Delivery, ImageStore } from './folder.js';
import { placeOf, stoppedLines } from './view/ending.js';
import { toJson } from './view/json.js';
import { choosePaint } from './view/paint.js';

/** Cancels all jobs of an operation that was written down. Resolves to the exit code. */
export async function cancelOperation(
  client: GoogleGenAI,
  { record }: JournaledOperation,
  options: { journal: Journal | false; folder: ImageStore | undefined; json: boolean },
): Promise<number> {
  expectServer(client, record);
  const images = cancelable(client, { journal: options.journal });
  const operation = images.attach(record);
  // Written in the turn of its event: when that is over, the journal may have forgotten it.
  const deliveries = new Map<number, Delivery>();
  const store = options.folder ?? leaving;
  operation.on('image', ({ index, image }) => deliveries.set(index, store.save(index, image)));
  const report = await operation.cancel();
  await images.close();
  return finish(operation, report, deliveries, options);
}

/** Where nobody has named a folder, images stay on the server. */
const leaving: ImageStore = { save: (index, image) => ({ index, image, left: true }) };

function finish(
  operation: Operation,
  report: CancelReport,
  deliveries: ReadonlyMap<number, Delivery>,
  { json }: { json: boolean },
): number {
  const written = [...deliveries.values()].filter(({ left }) => left === undefined);
  if (json) process.stdout.write(`${toJson(report, written)}\n`);
  else {
    const paint = choosePaint(process.stderr, process.env);
    const scene = { jobs: () => operation.jobs, deliveries, now: () => Date.now() };
    for (const line of stoppedLines(report, scene)) process.stderr.write(`${paint(line)}\n`);
    for (const { note } of written) if (note !== undefined) process.stderr.write(`Note: ${note}\n`);
    for (const delivery of written) if (delivery.problem === undefined) process.stdout.write(`${placeOf(delivery)}\n`);
  }
  const failed = report.outcome === 'unconfirmed' || written.some(({ problem }) => problem !== undefined);
  return failed ? 1 : 0;
}
