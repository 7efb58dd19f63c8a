import type { Evidence, HandleEvidence } from './evidence.js';
import { keyOf, keysIn } from '../world/keys.js';
import type { ServerJob } from '../world/server.js';
import type { Seen } from '../world/tracked.js';
import { Violation } from '../world/violation.js';

/** At the end: every handle tells the same story by events and promises, and nothing is delivered twice. */
export function checkImages(simulation: Evidence): void {
  for (const tracked of simulation.handles) checkHandle(simulation, tracked);
  checkOnce(simulation);
}

function checkHandle(simulation: Evidence, tracked: HandleEvidence): void {
  const wrong = (what: string): void =>
    simulation.violated(new Violation('no image is lost', `${tracked.label}: ${what}`));
  const keys = tracked.images.map(({ image }) => keyOf(image));
  if (new Set(keys).size < keys.length) {
    simulation.violated(new Violation('no image twice', `${tracked.label} has delivered an image twice`));
  }
  const indices = tracked.images.map(({ index }) => index);
  if (new Set(indices).size < indices.length && !hasDuplicates(simulation, tracked)) {
    simulation.violated(new Violation('no image twice', `${tracked.label} has delivered two images with one index`));
  }
  for (const { index, image } of tracked.images) checkIndex(simulation, tracked, index, keyOf(image), wrong);
  const [end] = tracked.settled;
  if (end === undefined || !tracked.caller.listens) return;
  const before = tracked.images.filter(({ seq }) => seq < end.seq).map(({ image }) => keyOf(image));
  if (!isSame(before, keysIn(end.response))) wrong('the images of its events and of its response differ');
  checkLate(simulation, tracked, end, wrong);
  const report = keysIn(end.report?.response);
  if (end.report !== undefined && !isSame(report, before)) wrong('the images of its events and of its report differ');
}

/** The record of a batch that a proxy has started twice has both: each has made all the images. */
function hasDuplicates({ server }: Evidence, { origin, names }: HandleEvidence): boolean {
  const displayNames = names.flatMap((name) => server.jobNamed(name)?.record.displayName ?? []);
  return origin !== 'start' && new Set(displayNames).size < displayNames.length;
}

/**
 * C7: after `settled` come only images of requests that a trigger could not cancel, within the time for salvaging. The images
 * of a duplicate come when its cancel has lost the race: nobody else has its name (S3).
 */
function checkLate(
  simulation: Evidence,
  { images, isStopped, root, process }: HandleEvidence,
  end: Seen<'settled'>,
  wrong: (what: string) => void,
): void {
  const { salvageMs = Infinity } = root?.options.limits ?? {};
  for (const { seq, at, index, image } of images.filter((late) => late.seq > end.seq)) {
    const job = simulation.server.work.find((one) => one.made().some(({ key }) => key === keyOf(image)));
    if (job !== undefined && isDuplicated(simulation, job)) continue;
    if (!isStopped) wrong(`image ${index} came after the end, without a trigger (${seq})`);
    if (job?.record.name !== undefined) wrong(`image ${index} of ${job.record.name} came after the end (${seq})`);
    if (at > process.life.awakeBy(end.at + salvageMs)) wrong(`image ${index} came ${at - end.at} ms after the end`);
  }
}

/**
 * It is the image of this operation and of this index. A batch on Vertex numbers what it has made as it comes, and an answer of
 * Imagen leaves out what was filtered, without saying where (`src/google/models/parse-images.ts`).
 */
function checkIndex(
  simulation: Evidence,
  { root, operation }: HandleEvidence,
  index: number,
  key: string,
  wrong: (what: string) => void,
): void {
  const job = simulation.server.work.find((one) => one.made().some((made) => made.key === key));
  if (job === undefined) {
    wrong(`image ${index} was made by nobody`);
    return;
  }
  if (root?.id !== operation.id) return;
  if (job.root !== root.number) wrong(`image ${index} is of operation ${job.root}`);
  const made = job.made().find((one) => one.key === key);
  const isNumbered = !(root.vertex && root.isBatch) && job.record.kind !== 'predict';
  if (isNumbered && made?.index !== index && !isExtra(simulation, job, index)) {
    wrong(`image ${made?.index ?? ''} came as image ${index}`);
  }
}

/** S3: an image of a duplicate whose index is taken follows the last requested one. */
function isExtra(simulation: Evidence, job: ServerJob, index: number): boolean {
  const own = simulation.server.work.filter(({ root }) => root === job.root);
  return isDuplicated(simulation, job) && own.every(({ indices }) => indices.every((one) => one < index));
}

/** Another job of the operation makes the same images. */
function isDuplicated({ server }: Evidence, job: ServerJob): boolean {
  const others = server.work.filter((other) => other !== job && other.root === job.root);
  return others.some(({ indices }) => indices.some((one) => job.indices.includes(one)));
}

/**
 * Checks that a recovered operation delivers nothing twice, unless its former owner has died or slept ("deliver
 * twice, store once" in `docs/recovery.md`), or somebody has attached to it and has died: then that is what was recovered.
 * A duplicate has made the same images, under another name.
 */
function checkOnce(simulation: Evidence): void {
  for (const recovered of simulation.handles) {
    if (recovered.origin !== 'recover' || isForAttached(simulation, recovered)) continue;
    for (const { image, seq } of recovered.images) {
      const key = keyOf(image);
      const before = simulation.handles.find(
        (other) =>
          other !== recovered &&
          other.operation.id === recovered.operation.id &&
          (other.origin === 'recover' || (other.origin === 'start' && other.root?.isJournaled === true)) &&
          other.process.isAlive &&
          other.names.some((name) => recovered.names.includes(name)) &&
          !simulation.suspected.has(other.process.pid) &&
          other.images.some((event) => event.seq < seq && keyOf(event.image) === key),
      );
      if (before === undefined) continue;
      simulation.violated(
        new Violation(
          'no image twice',
          `${recovered.label} has delivered what ${before.label} had delivered, which lives`,
        ),
      );
    }
  }
}

function isForAttached({ handles }: Evidence, { operation: { id } }: HandleEvidence): boolean {
  return handles.some(({ origin, operation, process }) => {
    return origin === 'attach' && operation.id === id && !process.isAlive;
  });
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && [...some].sort().join() === [...others].sort().join();
}
