import type { GenerateImagesResponse } from '../../images/types.js';
import type { OperationEvents } from '../../operation/events.js';
import type { JobSnapshot } from '../../operation/job-snapshot.js';
import { howToStop } from '../../stop/late-job.js';
import type { CancelReport } from '../../stop/report.js';
import type { Delivery } from '../folder.js';
import { harmless, type Line } from './paint.js';
import { billingLine } from './report.js';
import type { Scene } from './view.js';

/** What is said at the end: of a stopped operation what came of each job, else what went wrong and how much was made. */
export function endingLines(settled: OperationEvents['settled'], scene: Scene, elapsedMs: number): Line[] {
  const refusals = refusalsOf(scene.jobs(), settled.response);
  if (settled.report === undefined) return [...troubleLines(scene, refusals), summaryLine(scene, elapsedMs)];
  const { report } = settled;
  return [...scene.jobs().map((job) => stoppedLine(job, report, scene, refusals)), billingLine(report.billing)];
}

/** The response has an entry for every job that completed, in order, and does not say which is whose. */
function refusalsOf(jobs: readonly JobSnapshot[], response: GenerateImagesResponse | undefined): Map<number, string> {
  const completed = jobs.filter(({ state }) => state === 'succeeded');
  return new Map(
    (response?.generatedImages ?? []).flatMap(({ raiFilteredReason }, position) => {
      const job = completed[position];
      return job === undefined || raiFilteredReason === undefined ? [] : [[job.index, harmless(raiFilteredReason)]];
    }),
  );
}

function troubleLines({ jobs, deliveries }: Scene, refusals: ReadonlyMap<number, string>): Line[] {
  const troubles = new Map<string, number[]>();
  for (const job of jobs()) {
    const trouble = troubleOf(job, deliveries.get(job.index), refusals.get(job.index));
    if (trouble !== undefined) troubles.set(trouble, [...(troubles.get(trouble) ?? []), job.index + 1]);
  }
  return [...troubles].map(([trouble, numbers]) => ({
    text: `image${numbers.length === 1 ? '' : 's'} ${numbers.join(', ')}: ${trouble}`,
    tone: 'bad',
  }));
}

function troubleOf(
  { name, state, error }: JobSnapshot,
  delivery: Delivery | undefined,
  refusal: string | undefined,
): string | undefined {
  if (delivery?.problem !== undefined) return lostText(name, delivery.problem);
  if (refusal !== undefined) return `refused by the model: ${refusal}`;
  if (error === undefined) return undefined;
  const stop = state === 'unknown' && name !== undefined ? ` Stop it with: ${howToStop(harmless(name))}` : '';
  return `${harmless(error.message)}${stop}`;
}

const lostText = (name: string | undefined, problem: string): string =>
  `made, but not written (${harmless(problem)}). The server still has it: ${fetchCommand(name)}`;

/** Cancelling what has ended stops nothing, and reads what came of it. */
const fetchCommand = (name = ''): string => `${howToStop(harmless(name))} --out FOLDER`;

function summaryLine({ jobs, deliveries }: Scene, elapsedMs: number): Line {
  const total = jobs().length;
  const made = [...deliveries.values()].filter(({ problem }) => problem === undefined).length;
  const text = `${made} of ${total} image${total === 1 ? '' : 's'} made in ${(elapsedMs / 1000).toFixed(1)} s.`;
  return { text, tone: made === total ? 'good' : 'bad' };
}

function stoppedLine(
  job: JobSnapshot,
  report: CancelReport,
  { deliveries }: Scene,
  refusals: ReadonlyMap<number, string>,
): Line {
  const [text, tone] = stoppedText(job, report, deliveries.get(job.index), refusals.get(job.index));
  return { text: `image ${job.index + 1}: ${text}`, tone };
}

function stoppedText(
  { name, state, error, backend }: JobSnapshot,
  report: CancelReport,
  delivery: Delivery | undefined,
  refusal: string | undefined,
): [string, Line['tone']] {
  const label = name === undefined ? '' : ` (${harmless(name)})`;
  if (delivery?.problem !== undefined) return [lostText(name, delivery.problem), 'bad'];
  if (delivery !== undefined) return [`completed before the cancel, kept as ${placeOf(delivery)}`, 'good'];
  if (refusal !== undefined) return [`refused by the model before the cancel: ${refusal}`, 'bad'];
  if (state === 'cancelled') return [`cancelled, the server confirms${label}`, 'plain'];
  if (state === 'failed') return [`failed before the cancel: ${harmless(error?.message ?? '')}`, 'bad'];
  if (state === 'not-started') return [error === undefined ? 'never sent' : harmless(error.message), 'plain'];
  if (backend === 'models' && state === 'running')
    return ['cannot be cancelled: it runs to its end on the server', 'bad'];
  return [unconfirmedText(report, name), 'bad'];
}

function unconfirmedText({ leftovers }: CancelReport, name: string | undefined): string {
  const leftover = leftovers.find((candidate) => candidate.name === name);
  if (leftover === undefined) return `completed before the cancel, but not fetched in time: ${fetchCommand(name)}`;
  const { howToStop } = leftover;
  return `not confirmed, it may still be running. ${name === undefined ? howToStop : `Stop it with: ${howToStop}`}`;
}

/** Where an image can be found. */
export function placeOf({ path, address }: Delivery): string {
  return path ?? harmless(address ?? '');
}
