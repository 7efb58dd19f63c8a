import type { GenerateImagesResponse } from '../../api/images.js';
import type { OperationEvents } from '../../api/events.js';
import type { JobReference, JobSnapshot } from '../../api/snapshot.js';
import { howToCancel } from '../../api/commands.js';
import type { Billing, CancelReport, CancelTrigger } from '../../api/report.js';
import type { Deliveries, Delivery } from '../folder.js';
import type { Line, Output, Tone } from '../output.js';
import { imagesOf, labelOf } from './rows.js';
import type { Scene } from './view.js';

type Ended = Pick<Scene, 'jobs' | 'deliveries' | 'serverFlags'>;

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
  const { serverFlags } = scene;
  const troubles = linesOf(scene, response, (job, delivery, refusal) =>
    troubleOf(job, { delivery, refusal, failure, serverFlags }),
  );
  return [...troubles, summaryLine(scene, elapsedMs)];
}

/** Writes what came of a cancel: where its images are to stdout, the rest to stderr. */
export function writeReport(report: CancelReport, ended: Omit<Ended, 'jobs'>, output: Output): void {
  for (const { text, tone } of cancelledLines(report, { ...ended, jobs: () => report.jobs })) output.say(text, tone);
  for (const delivery of ended.deliveries.values()) writeDelivery(delivery, output);
}

/** Writes where an image is to stdout, and what is remarkable about it to stderr. */
export function writeDelivery(delivery: Delivery, output: Output): void {
  const { note, problem, left } = delivery;
  if (note !== undefined) output.say(`Note: ${note}`, 'quiet');
  if (problem === undefined && left === undefined) output.result(placeOf(delivery));
}

function cancelledLines(report: CancelReport, scene: Ended): Line[] {
  const lines = linesOf(scene, report.response, (job, delivery, refusal) =>
    cancelledEnding(job, { delivery, refusal, report, serverFlags: scene.serverFlags }),
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

/** All that is known of an image beside its job. */
interface Known {
  readonly delivery: Delivery | undefined;
  readonly refusal: string | undefined;
  readonly serverFlags: string;
}

function troubleOf(job: JobSnapshot, known: Known & { failure: Error | undefined }): Ending | undefined {
  const { name, state, error } = job;
  const { delivery, refusal, failure, serverFlags } = known;
  if (delivery?.problem !== undefined) return [lostText(name, delivery.problem, serverFlags), 'bad'];
  if (refusal !== undefined) return [`refused by the model: ${refusal}`, 'bad'];
  if (delivery !== undefined) return undefined;
  if (error === undefined && state === 'succeeded')
    return [failure?.message ?? 'the server made no image of it', 'bad'];
  if (error === undefined) return undefined;
  const hint = state === 'unknown' && name !== undefined ? ` Stop it with: ${howToCancel(name)}${serverFlags}` : '';
  return [`${error.message}${hint}`, 'bad'];
}

function cancelledEnding(job: JobSnapshot, known: Known & { report: CancelReport }): Ending {
  const { name, state, error, backend } = job;
  const { delivery, refusal, serverFlags, report } = known;
  const label = name === undefined ? '' : ` (${name})`;
  if (delivery?.problem !== undefined) return [lostText(name, delivery.problem, serverFlags), 'bad'];
  if (delivery?.left === true)
    return [`completed before the cancel. To get it: ${fetchCommand(name, serverFlags)}`, 'good'];
  if (delivery !== undefined) return [`completed before the cancel, kept as ${placeOf(delivery)}`, 'good'];
  if (refusal !== undefined) return [`refused by the model before the cancel: ${refusal}`, 'bad'];
  if (state === 'cancelled') return [`cancelled, the server confirms${label}`, 'plain'];
  if (state === 'failed') return [`failed before the cancel: ${error?.message ?? ''}`, 'bad'];
  if (state === 'not-started') return [error?.message ?? 'never sent', 'plain'];
  if (state === 'succeeded' && error === undefined) return [`not made, the server confirms${label}`, 'plain'];
  if (backend === 'models' && state === 'running')
    return ['cannot be cancelled: it runs to its end on the server', 'bad'];
  const leftover = report.leftovers.find((candidate) => candidate.name === name);
  if (leftover === undefined)
    return [`completed before the cancel, but not fetched in time: ${fetchCommand(name, serverFlags)}`, 'bad'];
  const { howToCancel: how } = leftover;
  if (error?.message === how) return [`not confirmed. ${how}`, 'bad'];
  const doubt = error?.message.replace(/\.$/, '') ?? 'it may still be running';
  return [`not confirmed, ${doubt}. ${name === undefined ? how : `Stop it with: ${how}${serverFlags}`}`, 'bad'];
}

/** The server keeps the images of jobs with a name only. */
function lostText(name: string | undefined, problem: string, serverFlags: string): string {
  const hint =
    name === undefined ? 'The server does not keep it.' : `The server still has it: ${fetchCommand(name, serverFlags)}`;
  return `made, but not written (${problem}). ${hint}`;
}

const fetchCommand = (name = '', serverFlags = ''): string =>
  `npx --no genai-cancel attach ${name} -o FOLDER${serverFlags}`;

function placeOf({ path, address }: Delivery): string {
  return path ?? address ?? '';
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

/** Returns why the model refused which images. Where some of a batch have failed, that cannot always be told. */
export function refusalsOf(
  { jobs, deliveries }: { jobs: () => readonly JobReference[]; deliveries: Deliveries },
  response: GenerateImagesResponse | undefined,
): ReadonlyMap<number, string> {
  let entries = response?.generatedImages ?? [];
  let images = completedImages(jobs());
  if (images.length !== entries.length) {
    images = images.filter((image) => !deliveries.has(image));
    entries = entries.filter(({ raiFilteredReason }) => raiFilteredReason !== undefined);
  }
  const refusals = new Map<number, string>();
  for (const [position, image] of images.entries()) {
    const reason = entries[position]?.raiFilteredReason;
    if (reason !== undefined && images.length === entries.length) refusals.set(image, reason);
  }
  return refusals;
}

/** Returns the images of all jobs that have completed, in order: whatever became of each. */
function completedImages(jobs: readonly JobReference[]): readonly number[] {
  return jobs
    .filter(({ state }) => state === 'succeeded')
    .flatMap(imagesOf)
    .sort((one, other) => one - other);
}
