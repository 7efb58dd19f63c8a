import type { OperationEvents } from '../../api/events.js';
import { isFireAndForget } from '../../api/job-name.js';
import type { JobSnapshot } from '../../api/snapshot.js';
import { howToCancel } from '../../api/commands.js';
import type { Billing, CancelReport, CancelTrigger } from '../../api/report.js';
import { countTexts } from '../../node/signals/shutdown-lines.js';
import type { Delivery } from '../folder.js';
import type { Line, Output, Tone } from '../output.js';
import { imagesOf, labelOf, type Scene } from './rows.js';

type Ended = Pick<Scene, 'jobs' | 'deliveries' | 'serverFlags'>;
type Response = CancelReport['response'];
type Ending = readonly [text: string, tone: Tone];

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
export function endingLines(settled: OperationEvents['settled'], scene: Scene, elapsedMs: number): Line[] {
  const { report, response, error } = settled;
  if (report !== undefined) return cancelledLines(report, scene);
  const troubles = linesOf(scene, response, (fate) => troubleOf(fate, error, scene.serverFlags));
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
  const lines = linesOf(scene, report.response, (fate) => cancelledEnding(fate, report, scene.serverFlags));
  const counts = countTexts([report.counts]);
  const total: Line[] = counts.length < 2 ? [] : [{ text: `In all: ${counts.join(', ')}.`, tone: 'plain' }];
  return [...lines, ...total, billingLine(report.billing)];
}

/** Makes one line for the images that fared alike. */
function linesOf(ended: Ended, response: Response, endingOf: (fate: Fate) => Ending | undefined): Line[] {
  const groups = new Map<string, { tone: Tone; images: number[] }>();
  for (const fate of fatesOf(ended, response)) {
    const [text, tone = 'plain'] = endingOf(fate) ?? [];
    if (text !== undefined) groups.set(text, { tone, images: [...(groups.get(text)?.images ?? []), fate.image] });
  }
  return [...groups].map(([text, { tone, images }]) => ({ text: `${labelOf(images, ended.jobs())}: ${text}`, tone }));
}

/** Puts together all that is known of each image. The server does not keep those that no command fetches. */
function fatesOf({ jobs, deliveries, serverFlags }: Ended, response: Response) {
  const refusals = refusalsOf({ jobs, deliveries }, response);
  return jobs().flatMap((job) => {
    const fetch = job.name && `npx --no genai-cancel attach ${job.name} -o FOLDER${serverFlags}`;
    return imagesOf(job).map((image) => {
      return { image, job, delivery: deliveries.get(image), refusal: refusals.get(image), fetch };
    });
  });
}

function troubleOf(fate: Fate, failure: Error | undefined, serverFlags: string): Ending | undefined {
  const { name, state, error } = fate.job;
  if (fate.delivery?.problem !== undefined) return lost(fate.delivery.problem, fate.fetch);
  if (fate.refusal !== undefined) return [`refused by the model: ${fate.refusal}`, 'bad'];
  if (fate.delivery !== undefined) return undefined;
  if (error === undefined) {
    return state === 'succeeded' ? [failure?.message ?? 'the server made no image of it', 'bad'] : undefined;
  }
  const hint = state === 'unknown' && name !== undefined ? ` Stop it with: ${howToCancel(name)}${serverFlags}` : '';
  return [`${error.message}${hint}`, 'bad'];
}

function cancelledEnding({ job, delivery, refusal, fetch }: Fate, report: CancelReport, serverFlags: string): Ending {
  const { name, state, error, backend } = job;
  const label = name === undefined ? '' : ` (${name})`;
  if (delivery?.problem !== undefined) return lost(delivery.problem, fetch);
  if (delivery?.left === true) return [`completed before the cancel. To get it: ${fetch ?? ''}`, 'good'];
  if (delivery !== undefined) return [`completed before the cancel, kept as ${placeOf(delivery)}`, 'good'];
  if (refusal !== undefined) return [`refused by the model before the cancel: ${refusal}`, 'bad'];
  if (state === 'cancelled') return [`cancelled, the server confirms${label}`, 'plain'];
  if (state === 'failed') return [`failed before the cancel: ${error?.message ?? ''}`, 'bad'];
  if (state === 'not-started') return [error?.message ?? 'never sent', 'plain'];
  if (state === 'succeeded' && error === undefined) return [`not made, the server confirms${label}`, 'plain'];
  if (isFireAndForget(backend) && state === 'running') {
    return ['cannot be cancelled: it runs to its end on the server, and is waited for', 'bad'];
  }
  const leftover = report.leftovers.find((candidate) => candidate.name === name);
  if (leftover === undefined) return [`completed before the cancel, but not fetched in time: ${fetch ?? ''}`, 'bad'];
  const { howToCancel: how } = leftover;
  if (error?.message === how) return [`not confirmed. ${how}`, 'bad'];
  const doubt = error?.message.replace(/\.$/, '') ?? 'it may still be running';
  return [`not confirmed, ${doubt}. ${name === undefined ? how : `Stop it with: ${how}${serverFlags}`}`, 'bad'];
}

function lost(problem: string, fetch: string | undefined): Ending {
  const hint = fetch === undefined ? 'The server does not keep it.' : `The server still has it: ${fetch}`;
  return [`made, but not written (${problem}). ${hint}`, 'bad'];
}

const placeOf = ({ path, address }: Delivery): string => path ?? address ?? '';

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
function refusalsOf(
  { jobs, deliveries }: Omit<Ended, 'serverFlags'>,
  response: Response,
): ReadonlyMap<number, string | undefined> {
  let entries = response?.generatedImages ?? [];
  // The images of all jobs that have completed, in order: whatever became of each.
  let images = jobs().flatMap((job) => (job.state === 'succeeded' ? imagesOf(job) : []));
  images.sort((one, other) => one - other);
  if (images.length !== entries.length) {
    images = images.filter((image) => !deliveries.has(image));
    entries = entries.filter(({ raiFilteredReason }) => raiFilteredReason !== undefined);
  }
  if (images.length !== entries.length) return new Map();
  return new Map(images.map((image, position) => [image, entries[position]?.raiFilteredReason]));
}
