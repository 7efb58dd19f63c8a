import { cancelable, type CancelReport } from '../node/index.js';
import type { CancelCommand } from './arguments/cancel.js';
import { cancelOperation } from './cancel-operation.js';
import { connect } from './connect.js';
import { ImageFolder, type Delivery } from './folder.js';
import { numberedImages } from './images-of.js';
import { chosenJournal, findOperation, openJournal } from './journal.js';
import { placeOf } from './view/ending.js';
import { toJson } from './view/json.js';
import { choosePaint } from './view/paint.js';
import { reportLines } from './view/report.js';

/** Cancels a job that is known by its name, or all jobs of an operation. Resolves to the exit code. */
export async function cancel(command: CancelCommand): Promise<number> {
  const { target, out, journal, apiVersion, json } = command;
  if ('name' in target) return cancelJob(target.name, command);
  const found = await findOperation(openJournal(journal === false ? undefined : journal), target.id);
  const { client } = connect(apiVersion);
  const folder = out === undefined ? undefined : new ImageFolder(out, { force: false });
  return cancelOperation(client, found, { journal: chosenJournal(journal), folder, json });
}

async function cancelJob(name: string, { out, json, journal, apiVersion }: CancelCommand): Promise<number> {
  const { client } = connect(apiVersion);
  const folder = out === undefined ? undefined : new ImageFolder(out, { force: false });
  const report = await cancelable(client, { journal: chosenJournal(journal) }).cancel(name);
  const deliveries = folder === undefined ? [] : save(folder, report);
  if (json) process.stdout.write(`${toJson(report, deliveries)}\n`);
  else print(name, report, deliveries);
  const failed = report.outcome === 'unconfirmed' || deliveries.some(({ problem }) => problem !== undefined);
  return failed ? 1 : 0;
}

/** The images of a job that had completed: they have been paid for. */
function save(folder: ImageFolder, { jobs, response }: CancelReport): readonly Delivery[] {
  if (response === undefined) return [];
  return numberedImages(jobs, response).map(({ index, image }) => folder.save(index, image));
}

function print(name: string, report: CancelReport, deliveries: readonly Delivery[]): void {
  const paint = choosePaint(process.stderr, process.env);
  const places = deliveries.filter(({ problem }) => problem === undefined).map(placeOf);
  for (const line of reportLines(name, report, places)) process.stderr.write(`${paint(line)}\n`);
  for (const { note, problem } of deliveries) {
    if (note !== undefined) process.stderr.write(`Note: ${note}\n`);
    if (problem !== undefined) process.stderr.write(`Its image could not be written: ${problem}\n`);
  }
  for (const place of places) process.stdout.write(`${place}\n`);
}
