import type { OperationEvents } from '../../api/events.js';
import { isFireAndForget } from '../../api/job-name.js';
import type { JobSnapshot } from '../../api/snapshot.js';
import { COMMAND, howToCancel } from '../../api/commands.js';
import type { Billing, CancelReport, CancelTrigger } from '../../api/report.js';
import { countTexts } from '../../node/signals/shutdown-lines.js';
import { compact } from '../../util/json.js';
import type { Delivery } from '../folder.js';
import type { Output } from '../output.js';
import { imagesOf, labelOf, listText, type Scene } from './rows.js';

type Ended = Pick<Scene, 'jobs' | 'deliveries' | 'serverFlags'>;
type Settled = Pick<OperationEvents['settled'], 'report' | 'response' | 'error'>;

type Fate = ReturnType<typeof fatesOf>[number];

export function cancellingText(trigger: CancelTrigger, jobs: readonly JobSnapshot[]): string {
  const running = jobs.filter(({ state }) => ['submitting', 'queued', 'running'].includes(state));
  const isTold = running.some(({ backend }) => !isFireAndForget(backend));
  const what = isTold ? 'Cancelling on the server…' : 'Stopping here; the server cannot be told.';
  if (trigger === 'SIGINT') return `${what} (press Ctrl+C again to leave at once)`;
  if (trigger === 'timeout') return `The time is up. ${what}`;
  return `${what} (${trigger})`;
}

/** Says of a cancelled operation what came of each job, else what went wrong and how much was made. */
export function endingLines(settled: Settled, scene: Scene, elapsedMs: number, isQuiet: boolean): string[] {
  if (settled.report !== undefined) return cancelledLines(settled.report, scene);
  return [...linesOf(scene, settled), ...summaryLines(scene, elapsedMs, isQuiet)];
}

/** Writes what came of a cancel: where its images are to stdout, the rest to stderr. */
export function writeReport(report: CancelReport, ended: Omit<Ended, 'jobs'>, output: Output): void {
  for (const line of cancelledLines(report, { ...ended, jobs: () => report.jobs })) output.say(line);
  for (const delivery of ended.deliveries.values()) writeDelivery(delivery, output);
}

/** Writes where an image is to stdout, and what is remarkable about it to stderr. */
export function writeDelivery(delivery: Delivery, output: Output): void {
  const { note, problem, left } = delivery;
  if (note !== undefined) output.say(`Note: ${note}`);
  if (problem === undefined && left === undefined) output.result(placeOf(delivery));
}

/** One summary: what was cancelled and how fast, what was kept, what may still run. */
function cancelledLines(report: CancelReport, scene: Ended): string[] {
  const { counts, leftovers } = report;
  const texts = countTexts([counts]);
  const total = texts.length === 0 ? [] : [`In ${durationOf(report)}: ${texts.join(', ')}.`];
  const troubles = linesOf(scene, { report, ...compact({ response: report.response }) });
  const end = counts.running === 0 && leftovers.length === 0 ? ['Nothing still runs.'] : [];
  return [...total, ...keptLines(scene), ...troubles, ...end, billingLine(report.billing)];
}

/** The time until the server had confirmed the last end that a cancel has brought about. */
function durationOf({ jobs, counts, requestedAt }: CancelReport): string {
  if (counts.cancelled === 0) return 'all';
  const last = Math.max(requestedAt, ...jobs.flatMap(({ confirmedAt }) => confirmedAt ?? []));
  return `${((last - requestedAt) / 1000).toFixed(1)} s`;
}

function keptLines({ deliveries }: Ended): string[] {
  const kept = [...deliveries.values()].filter((one) => one.problem === undefined && one.left !== true);
  const places = kept.sort((one, other) => one.index - other.index).map(placeOf);
  return places.length === 0 ? [] : [`Kept: ${listText(places)}`];
}

/** Makes one line for the images that fared alike. */
function linesOf(ended: Ended, settled: Settled): string[] {
  const groups = new Map<string, number[]>();
  for (const fate of fatesOf(ended, settled.response)) {
    const text = troubleOf(fate, settled, ended.serverFlags);
    if (text !== undefined) groups.set(text, [...(groups.get(text) ?? []), fate.image]);
  }
  return [...groups].map(([text, images]) => `${labelOf(images, ended.jobs())}: ${text}`);
}

/** Puts together all that is known of each image. The server does not keep those that no command fetches. */
function fatesOf(ended: Ended, response: Settled['response']) {
  const refusals = refusalsOf(ended, response);
  const { jobs, deliveries, serverFlags } = ended;
  return jobs().flatMap((job) => {
    const fetch = job.name && `${COMMAND} attach ${job.name} -o FOLDER${serverFlags}`;
    return imagesOf(job).map((image) => {
      return { image, job, delivery: deliveries.get(image), refusal: refusals.get(image), fetch };
    });
  });
}

/** Says what nothing else tells of an image: of one that was kept, cancelled or never sent, nothing. */
function troubleOf(fate: Fate, settled: Settled, serverFlags: string): string | undefined {
  const { job, delivery, refusal, fetch } = fate;
  const { name, state, error } = job;
  const { report } = settled;
  const before = report === undefined ? '' : ' before the cancel';
  if (delivery?.problem !== undefined) {
    const hint = fetch === undefined ? 'The server does not keep it.' : `The server still has it: ${fetch}`;
    return `made, but not written (${delivery.problem}). ${hint}`;
  }
  if (delivery?.left === true) return `completed before the cancel. To get it: ${fetch ?? ''}`;
  if (delivery !== undefined) return undefined;
  if (refusal !== undefined) return `refused by the model${before}: ${refusal}`;
  if (report !== undefined) return cancelledTrouble(fate, report, serverFlags);
  if (error === undefined && state !== 'succeeded') return undefined;
  if (error === undefined) return settled.error?.message ?? 'the server made no image of it';
  const hint = state === 'unknown' && name !== undefined ? ` Stop it with: ${howToCancel(name)}${serverFlags}` : '';
  return `${error.message}${hint}`;
}

function cancelledTrouble({ job, fetch }: Fate, report: CancelReport, serverFlags: string): string | undefined {
  const { name, state, error, backend } = job;
  if (state === 'failed') return `failed before the cancel: ${error?.message ?? ''}`;
  if (state === 'not-started') return error?.message;
  if (state === 'cancelled' || (state === 'succeeded' && error === undefined)) return undefined;
  if (isFireAndForget(backend) && state === 'running') {
    return 'cannot be cancelled: it runs to its end on the server, and is waited for';
  }
  const leftover = report.leftovers.find((candidate) => candidate.name === name);
  if (leftover === undefined) return `completed before the cancel, but not fetched in time: ${fetch ?? ''}`;
  const { howToCancel: how } = leftover;
  if (error?.message === how) return `not confirmed. ${how}`;
  const doubt = error?.message.replace(/\.$/, '') ?? 'it may still be running';
  return `not confirmed, ${doubt}. ${name === undefined ? how : `Stop it with: ${how}${serverFlags}`}`;
}

const placeOf = ({ path, address }: Delivery): string => path ?? address ?? '';

function summaryLines({ jobs, deliveries }: Scene, elapsedMs: number, isQuiet: boolean): string[] {
  const total = jobs().flatMap(imagesOf).length;
  const made = [...deliveries.values()].filter(({ problem }) => problem === undefined).length;
  const text = `${made} of ${total} image${total === 1 ? '' : 's'} made in ${(elapsedMs / 1000).toFixed(1)} s.`;
  return isQuiet && made === total ? [] : [text];
}

function billingLine({ expectation, basis, usage }: Billing): string {
  const counts = [
    usage?.outputImageTokens === undefined ? [] : `${usage.outputImageTokens} image tokens`,
    usage?.totalTokens === undefined ? [] : `${usage.totalTokens} tokens in all`,
  ].flat();
  const reported = counts.length === 0 ? '' : ` The server reported ${counts.join(', ')}.`;
  return `Billing: ${expectation}. ${basis}${reported}`;
}

/** Returns why the model refused which images. Where some of a batch have failed, that cannot always be told. */
function refusalsOf({ jobs, deliveries }: Ended, response: Settled['response']) {
  let entries = response?.generatedImages ?? [];
  // The images of all jobs that have completed, in order: whatever became of each.
  let images = jobs().flatMap((job) => (job.state === 'succeeded' ? imagesOf(job) : []));
  images.sort((one, other) => one - other);
  if (images.length !== entries.length) {
    images = images.filter((image) => !deliveries.has(image));
    entries = entries.filter(({ raiFilteredReason }) => raiFilteredReason !== undefined);
  }
  if (images.length !== entries.length) return new Map<number, string | undefined>();
  return new Map(images.map((image, position) => [image, entries[position]?.raiFilteredReason]));
}
