import type { OperationEvents } from '../../operation/events.js';
import type { JobSnapshot } from '../../operation/job-snapshot.js';
import { howToCancel } from '../../commands.js';
import type { CancelReport } from '../../stop/report.js';
import type { Delivery } from '../folder.js';
import { imagesOf, labelOf } from '../images-of.js';
import { harmless, type Line } from './paint.js';
import { refusalsOf } from './refusals.js';
import { billingLine } from './report.js';
import type { Scene } from './view.js';

/** What is said at the end: of a stopped operation what came of each job, else what went wrong and how much was made. */
export function endingLines(settled: OperationEvents['settled'], scene: Scene, elapsedMs: number): Line[] {
  if (settled.report !== undefined) return stoppedLines(settled.report, scene);
  return [...troubleLines(settled, scene), summaryLine(scene, elapsedMs)];
}

/** What came of each job of a stopped operation. Images of a job that fared alike share a line. */
export function stoppedLines(report: CancelReport, scene: Scene): Line[] {
  const refusals = refusalsOf(scene, report.response);
  const lines = scene.jobs().flatMap((job) => {
    const endings = new Map<string, { tone: Line['tone']; images: number[] }>();
    for (const image of imagesOf(job)) {
      const [text, tone] = stoppedText(job, report, scene.deliveries.get(image), refusals.get(image));
      endings.set(text, { tone, images: [...(endings.get(text)?.images ?? []), image] });
    }
    return [...endings].map(([text, { tone, images }]) => ({ text: `${labelOf(images)}: ${text}`, tone }));
  });
  return [...lines, billingLine(report.billing)];
}

function troubleLines({ response, error }: OperationEvents['settled'], scene: Scene): Line[] {
  const refusals = refusalsOf(scene, response);
  const troubles = new Map<string, number[]>();
  for (const job of scene.jobs()) {
    for (const image of imagesOf(job)) {
      const trouble = troubleOf(job, scene.deliveries.get(image), refusals.get(image), error);
      if (trouble !== undefined) troubles.set(trouble, [...(troubles.get(trouble) ?? []), image]);
    }
  }
  return [...troubles].map(([trouble, images]) => ({ text: `${labelOf(images)}: ${trouble}`, tone: 'bad' }));
}

function troubleOf(
  { name, state, error }: JobSnapshot,
  delivery: Delivery | undefined,
  refusal: string | undefined,
  failure: Error | undefined,
): string | undefined {
  if (delivery?.problem !== undefined) return lostText(name, delivery.problem);
  if (refusal !== undefined) return `refused by the model: ${refusal}`;
  if (delivery !== undefined) return undefined;
  if (error === undefined && state === 'succeeded')
    return harmless(failure?.message ?? 'the server made no image of it');
  if (error === undefined) return undefined;
  const stop = state === 'unknown' && name !== undefined ? ` Stop it with: ${howToCancel(harmless(name))}` : '';
  return `${harmless(error.message)}${stop}`;
}

const lostText = (name: string | undefined, problem: string): string =>
  `made, but not written (${harmless(problem)}). The server still has it: ${fetchCommand(name)}`;

/** Cancelling what has ended stops nothing, and reads what came of it. */
const fetchCommand = (name = ''): string => `${howToCancel(harmless(name))} --out FOLDER`;

function summaryLine({ jobs, deliveries }: Scene, elapsedMs: number): Line {
  const total = jobs().flatMap(imagesOf).length;
  const made = [...deliveries.values()].filter(({ problem }) => problem === undefined).length;
  const text = `${made} of ${total} image${total === 1 ? '' : 's'} made in ${(elapsedMs / 1000).toFixed(1)} s.`;
  return { text, tone: made === total ? 'good' : 'bad' };
}

function stoppedText(
  { name, state, error, backend }: JobSnapshot,
  report: CancelReport,
  delivery: Delivery | undefined,
  refusal: string | undefined,
): [string, Line['tone']] {
  const label = name === undefined ? '' : ` (${harmless(name)})`;
  if (delivery?.problem !== undefined) return [lostText(name, delivery.problem), 'bad'];
  if (delivery?.left === true) return [`completed before the cancel. To get it: ${fetchCommand(name)}`, 'good'];
  if (delivery !== undefined) return [`completed before the cancel, kept as ${placeOf(delivery)}`, 'good'];
  if (refusal !== undefined) return [`refused by the model before the cancel: ${refusal}`, 'bad'];
  if (state === 'cancelled') return [`cancelled, the server confirms${label}`, 'plain'];
  if (state === 'failed') return [`failed before the cancel: ${harmless(error?.message ?? '')}`, 'bad'];
  if (state === 'not-started') return [error === undefined ? 'never sent' : harmless(error.message), 'plain'];
  if (state === 'succeeded' && error === undefined) return [`not made, the server confirms${label}`, 'plain'];
  if (backend === 'models' && state === 'running')
    return ['cannot be cancelled: it runs to its end on the server', 'bad'];
  return [unconfirmedText(report, name), 'bad'];
}

function unconfirmedText({ leftovers }: CancelReport, name: string | undefined): string {
  const leftover = leftovers.find((candidate) => candidate.name === name);
  if (leftover === undefined) return `completed before the cancel, but not fetched in time: ${fetchCommand(name)}`;
  const { howToCancel } = leftover;
  return `not confirmed, it may still be running. ${name === undefined ? howToCancel : `Stop it with: ${howToCancel}`}`;
}

/** Where an image can be found. */
export function placeOf({ path, address }: Delivery): string {
  return path ?? harmless(address ?? '');
}
