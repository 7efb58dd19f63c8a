import type { OperationEvent, OperationEvents } from '../../api/events.js';
import type { JobSnapshot, JobState } from '../../api/snapshot.js';
import type { Output } from '../output.js';
import { cancellingText, endingLines, writeDelivery } from './ending.js';
import { imagesOf, labelOf, type Scene } from './rows.js';

/** Shows one operation. Everything is written before a method returns: a signal may end the process right after. */
export interface View {
  /** The image of an `image` event is in the deliveries already. */
  event(event: OperationEvent): void;
  tick(): void;
}

export function viewOn(output: Output, { json, quiet }: { json: boolean; quiet: boolean }): (scene: Scene) => View {
  return (scene) => (json ? jsonView(scene, output) : textViewOf(scene, output, quiet));
}

/** Writes every event as a line of JSON, with the place of an image instead of its bytes. `common` is in every line. */
export function jsonView({ deliveries }: Scene, output: Output, common: object = {}): View {
  return {
    event: (event) => output.json({ ...common, ...event }, deliveries.values()),
    tick: () => undefined,
  };
}

/** The lines of the images tell these. */
const toldOtherwise: readonly string[] = ['job-failed', 'image-not-handed-over'];

/** Makes a view for people. On a terminal one line is redrawn; elsewhere each change of a job has a line. */
export function textViewOf(scene: Scene, output: Output, isQuiet: boolean, canRedraw = output.canRedraw): View {
  const startedAt = scene.now();
  const told = new Map<number, string>();
  /** Jobs that have completed, and can make no more images. */
  const completed = new Set<number>();
  let isCancelling = false;
  let isSettled = false;
  const progress = (): string => progressText(scene, completed, isCancelling, scene.now() - startedAt);
  const tick = (): void => {
    if (isQuiet || isSettled) return;
    if (canRedraw) output.draw(progress());
    // The ending has a line for every image of a cancel.
    for (const job of canRedraw || isCancelling ? [] : scene.jobs()) {
      const line = standingOf(job);
      if (line !== undefined && told.get(job.index) !== line) output.say(line);
      told.set(job.index, line ?? '');
    }
  };
  const settle = (event: OperationEvents['settled']): void => {
    isSettled = true;
    for (const line of endingLines(event, scene, scene.now() - startedAt, isQuiet)) output.say(line);
  };
  const event = (event: OperationEvent): void => {
    // A refusal has no event of its own; an image would have come before its progress.
    const ended = event.type === 'progress' ? scene.jobs().filter(({ state }) => state === 'succeeded') : [];
    for (const { index } of ended) completed.add(index);
    if (event.type === 'cancelling') isCancelling = true;
    if (event.type === 'cancelling' && !isQuiet) output.say(cancellingText(event.trigger, scene.jobs()));
    if (event.type === 'warning' && !toldOtherwise.includes(event.code)) output.say(`Note: ${event.message}`);
    const delivery = event.type === 'image' ? scene.deliveries.get(event.index) : undefined;
    if (delivery !== undefined) writeDelivery(delivery, output);
    if (event.type === 'settled') settle(event);
    if (event.type === 'progress' && !canRedraw && !isQuiet && !isCancelling) output.say(progress());
    tick();
  };
  return { event, tick };
}

const words: Partial<Record<JobState, string>> = { submitting: 'being sent', queued: 'queued', running: 'running' };

/** Says how a job stands that has not ended; with its name, which stops it whatever becomes of us. */
function standingOf(job: JobSnapshot): string | undefined {
  const name = job.name === undefined ? '' : ` (${job.name})`;
  const word = words[job.state];
  return word && `${labelOf(imagesOf(job), [job])}: ${word}${name}`;
}

function progressText(scene: Scene, completed: ReadonlySet<number>, isCancelling: boolean, elapsedMs: number): string {
  const { deliveries } = scene;
  const jobs = scene.jobs();
  const [first] = jobs;
  const elapsed = `${Math.floor(elapsedMs / 1000)} s`;
  const all = jobs.flatMap(imagesOf);
  const isOver = ({ state, index }: JobSnapshot): boolean =>
    completed.has(index) || ['failed', 'cancelled', 'not-started', 'unknown'].includes(state);
  if (first && !isOver(first) && labelOf(all, jobs) === 'the batch') return `the batch: ${first.state}, ${elapsed}`;
  const done = all.filter((image) => deliveries.has(image) && deliveries.get(image)?.problem === undefined).length;
  const left = jobs.filter((job) => !isOver(job)).flatMap(imagesOf);
  const open = left.filter((image) => !deliveries.has(image)).length;
  const others = all.length - done - open;
  // A narrow terminal cuts the rest.
  const rest = others === 0 ? '' : `, ${others} without an image`;
  return `${isCancelling ? 'cancelling: ' : ''}${done} of ${all.length} done, ${open} left, ${elapsed}${rest}`;
}
