import { cancelable, type CancelReport } from '../node/index.js';
import type { CancelCommand } from './arguments.js';
import { connect } from './connect.js';
import { ImageFolder, type Delivery } from './folder.js';
import { placeOf } from './view/ending.js';
import { toJson } from './view/json.js';
import { choosePaint } from './view/paint.js';
import { reportLines } from './view/report.js';

/** Cancels a job that is known by its name. Resolves to the exit code. */
export async function cancel({ job, out, json, apiVersion }: CancelCommand): Promise<number> {
  const { client } = connect(apiVersion);
  const folder = out === undefined ? undefined : new ImageFolder(out, { force: false });
  const report = await cancelable(client).cancel(job);
  const delivery = folder === undefined ? undefined : save(folder, report);
  if (json) process.stdout.write(`${toJson(report, delivery === undefined ? [] : [delivery])}\n`);
  else print(job, report, delivery);
  const failed = report.outcome === 'unconfirmed' || delivery?.problem !== undefined;
  return failed ? 1 : 0;
}

/** The image of a job that had completed: it has been paid for. */
function save(folder: ImageFolder, report: CancelReport): Delivery | undefined {
  const image = report.response?.generatedImages[0]?.image;
  return image === undefined ? undefined : folder.save(0, image);
}

function print(job: string, report: CancelReport, delivery: Delivery | undefined): void {
  const paint = choosePaint(process.stderr, process.env);
  const place = delivery === undefined ? undefined : placeOf(delivery);
  for (const line of reportLines(job, report, delivery?.problem === undefined ? place : undefined)) {
    process.stderr.write(`${paint(line)}\n`);
  }
  if (delivery?.problem !== undefined) process.stderr.write(`Its image could not be written: ${delivery.problem}\n`);
  else if (place !== undefined) process.stdout.write(`${place}\n`);
}
