import type { GenerateImagesResponse } from '../../api/images.js';
import type { OperationEvents } from '../../api/events.js';
import type { JobSnapshot } from '../../api/snapshot.js';
import { howToCancel } from '../../api/commands.js';
import type { Billing, CancelReport, CancelTrigger } from '../../api/report.js';
import type { Deliveries, Delivery } from '../folder.js';
import { imagesOf, labelOf, refusalsOf } from '../images-of.js';
import type { Output } from '../surroundings.js';
import { harmless, type Line, type Paint, type Tone } from './paint.js';
import type { Outputs, Scene } from './view.js';

type Ended = Pick<Scene, 'jobs' | 'deliveries'>;

/** The fate of one image, and how it is meant. */
type Ending = readonly [text: string, tone: Tone];

/** Says at once that a cancel was asked for. */
export function cancellingText(trigger: CancelTrigger, jobs: readonly JobSnapshot[]): string {
  const isTold = jobs.some(({ backend }) => backend !== 'models');
  const what = isTold ? 'Cancelling on the server…' : 'Stopping here; the server cannot be told.';
  if (trigger === 'SIGINT') return `${what} (press Ctrl+C again to leave at once)`;
  if (trigger === 'timeout') return `The time is up. ${what}`;
  return `${what} (${trigger})`;
}

/** Says of a cancelled operation what came of each job, else what went wrong and how much was made. */
export function endingLines(settled: OperationEvents['settled'], scene: Scene, elapsedMs: number): Line[] {
  const { report, response, error: failure } = settled;
  if (report !== undefined) return cancelledLines(report, scene);
  const troubles = linesOf(scene, response, (job, delivery, refusal) => troubleOf(job, delivery, refusal, failure));
  return [...troubles, summaryLine(scene, elapsedMs)];
}

/** Writes what came of a cancel: where its images are to stdout, the rest to stderr. */
export function writeReport(report: CancelReport, deliveries: Deliveries, outputs: Outputs, paint: Paint): void {
  const { results, messages } = outputs;
  const say = (line: Line): unknown => messages.write(`${paint(line)}\n`);
  for (const line of cancelledLines(report, { jobs: () => report.jobs, deliveries })) say(line);
  for (const delivery of deliveries.values()) {
    writeDelivery(delivery, results, (text) => say({ text, tone: 'quiet' }));
  }
}

/** Writes where an image is to stdout, and what is remarkable about it to stderr. */
export function writeDelivery(delivery: Delivery, results: Output, remark: (text: string) => void): void {
  const { note, problem, left } = delivery;
  if (note !== undefined) remark(`Note: ${note}`);
  if (problem === undefined && left === undefined) results.write(`${placeOf(delivery)}\n`);
}

function cancelledLines(report: CancelReport, scene: Ended): Line[] {
  const lines = linesOf(scene, report.response, (job, delivery, refusal) =>
    cancelledEnding(job, delivery, refusal, report),
  );
  return [...lines, billingLine(report.billing)];
}

/** Makes one line for the images that fared alike. */
function linesOf(
  { jobs, deliveries }: Ended,
  response: GenerateImagesResponse | undefined,
  endingOf: (job: JobSnapshot, delivery?: Delivery, refusal?: string) => Ending | undefined,
): Line[] {
  const refusals = refusalsOf({ jobs, deliveries }, response);
  const groups = new Map<string, { tone: Tone; images: number[] }>();
  for (const job of jobs()) {
    for (const image of imagesOf(job)) {
      const [text, tone] = endingOf(job, deliveries.get(image), refusals.get(image)) ?? [];
      if (text === undefined || tone === undefined) continue;
      groups.set(text, { tone, images: [...(groups.get(text)?.images ?? []), image] });
    }
  }
  return [...groups].map(([text, { tone, images }]) => ({ text: `${labelOf(images, jobs())}: ${text}`, tone }));
}

function troubleOf(job: JobSnapshot, delivery?: Delivery, refusal?: string, failure?: Error): Ending | undefined {
  const { name, state, error } = job;
  if (delivery?.problem !== undefined) return [lostText(name, delivery.problem), 'bad'];
  if (refusal !== undefined) return [`refused by the model: ${refusal}`, 'bad'];
  if (delivery !== undefined) return undefined;
  if (error === undefined && state === 'succeeded')
    return [failure?.message ?? 'the server made no image of it', 'bad'];
  if (error === undefined) return undefined;
  const hint = state === 'unknown' && name !== undefined ? ` Stop it with: ${howToCancel(name)}` : '';
  return [`${error.message}${hint}`, 'bad'];
}

function cancelledEnding(
  { name, state, error, backend }: JobSnapshot,
  delivery: Delivery | undefined,
  refusal: string | undefined,
  { leftovers }: CancelReport,
): Ending {
  const label = name === undefined ? '' : ` (${name})`;
  if (delivery?.problem !== undefined) return [lostText(name, delivery.problem), 'bad'];
  if (delivery?.left === true) return [`completed before the cancel. To get it: ${fetchCommand(name)}`, 'good'];
  if (delivery !== undefined) return [`completed before the cancel, kept as ${placeOf(delivery)}`, 'good'];
  if (refusal !== undefined) return [`refused by the model before the cancel: ${refusal}`, 'bad'];
  if (state === 'cancelled') return [`cancelled, the server confirms${label}`, 'plain'];
  if (state === 'failed') return [`failed before the cancel: ${error?.message ?? ''}`, 'bad'];
  if (state === 'not-started') return [error?.message ?? 'never sent', 'plain'];
  if (state === 'succeeded' && error === undefined) return [`not made, the server confirms${label}`, 'plain'];
  if (backend === 'models' && state === 'running')
    return ['cannot be cancelled: it runs to its end on the server', 'bad'];
  const leftover = leftovers.find((candidate) => candidate.name === name);
  if (leftover === undefined)
    return [`completed before the cancel, but not fetched in time: ${fetchCommand(name)}`, 'bad'];
  const hint = name === undefined ? leftover.howToCancel : `Stop it with: ${leftover.howToCancel}`;
  return [`not confirmed, it may still be running. ${hint}`, 'bad'];
}

/** The server keeps the images of jobs with a name only. */
function lostText(name: string | undefined, problem: string): string {
  const hint = name === undefined ? 'The server does not keep it.' : `The server still has it: ${fetchCommand(name)}`;
  return `made, but not written (${problem}). ${hint}`;
}

/** Cancelling what has ended stops nothing, and reads what came of it. */
const fetchCommand = (name = ''): string => `${howToCancel(name)} --out FOLDER`;

function placeOf({ path, address }: Delivery): string {
  return path ?? harmless(address ?? '');
}

function summaryLine({ jobs, deliveries }: Scene, elapsedMs: number): Line {
  const total = jobs().flatMap(imagesOf).length;
  const made = [...deliveries.values()].filter(({ problem }) => problem === undefined).length;
  const text = `${made} of ${total} image${total === 1 ? '' : 's'} made in ${(elapsedMs / 1000).toFixed(1)} s.`;
  return { text, tone: made === total ? 'good' : 'bad' };
}

function billingLine({ expectation, basis, usage }: Billing): Line {
  const counts = [
    usage?.outputImageTokens === undefined ? [] : `${usage.outputImageTokens} image tokens`,
    usage?.totalTokens === undefined ? [] : `${usage.totalTokens} tokens in all`,
  ].flat();
  const reported = counts.length === 0 ? '' : ` The server reported ${counts.join(', ')}.`;
  return { text: `Billing: ${expectation}. ${basis}${reported}`, tone: 'quiet' };
}
