import type { Operation } from '../api/handle.js';
import type { OperationEvent } from '../api/events.js';
import type { Image } from '../api/images.js';
import type { Deliveries, Delivery, ImageStore } from './folder.js';
import type { Output } from './output.js';
import { imagesOf, type Scene } from './view/rows.js';
import type { View } from './view/view.js';

const TICK_MS = 100;

const eventNames = ['submitted', 'state', 'progress', 'image', 'cancelling', 'warning', 'settled'] as const;

interface Audience {
  readonly store: ImageStore;
  readonly viewOf: (scene: Scene) => View;
  /** Called in the turn of the end, when the view has told of it. */
  readonly ended?: () => void;
  readonly serverFlags?: string;
  /** The outputs, to be flushed before a signal ends the process. */
  readonly output?: Output;
}

/** Writes and shows what an operation makes, each in the turn of its event: a signal may end the process right after. */
export async function watch(operation: Operation, { store, viewOf, ended, serverFlags = '', output }: Audience) {
  const deliveries = saveImages(operation, store);
  const view = viewOf({ jobs: () => operation.jobs, deliveries, now: () => Date.now(), serverFlags });
  let isDying = false;
  const ticker = setInterval(() => view.tick(), TICK_MS);
  const hear = (event: OperationEvent): void => {
    view.event(event);
    if (event.type === 'settled') {
      clearInterval(ticker);
      ended?.();
      isDying = event.report?.trigger.startsWith('SIG') === true;
    }
    // An image may still come after the end.
    if (isDying) output?.flush();
  };
  // Listeners rather than `events()`: an iterator hears only in a later turn. Those of `saveImages()` have heard before.
  for (const type of eventNames) operation.on(type, (event) => hear({ type, ...event } as OperationEvent));
  // Until no event can come any more: what cannot be cancelled is paid for, and may come after the end.
  const events = operation.events();
  while ((await events.next()).done !== true);
  // This does not settle when a signal is about to end the process.
  await operation.result().catch(() => undefined);
  const total = operation.jobs.flatMap(imagesOf).length;
  const isComplete = isWritten(deliveries) && deliveries.size > 0 && deliveries.size === total;
  return { isWritten: isWritten(deliveries), isComplete };
}

const received = new WeakMap<Image, Delivery>();

/** Writes one image, once: `onImage` and its event both bring it. If that fails, it keeps the name of the job. */
export function deliver({ jobs }: Operation, store: ImageStore, image: Image, index: number): Delivery {
  const delivery = received.get(image) ?? store.save(image, index);
  const { name } = (jobs.length === 1 ? jobs[0] : jobs.find((one) => imagesOf(one).includes(index))) ?? {};
  const named = delivery.problem !== undefined && name !== undefined ? { ...delivery, job: name } : delivery;
  received.set(image, named);
  return named;
}

/** Makes an `onImage` that writes each image. */
export const receiver = (store: ImageStore) => (image: Image, index: number, operation: Operation) =>
  expectWritten(deliver(operation, store, image, index));

/** Throws if the image could not be written, as `onImage` has to. */
export function expectWritten({ problem }: Delivery): void {
  if (problem !== undefined) throw new Error(problem);
}

/** Writes each image in the turn of its event. */
export function saveImages(operation: Operation, store: ImageStore): Deliveries {
  const deliveries = new Map<number, Delivery>();
  operation.on('image', ({ image, index }) => deliveries.set(index, deliver(operation, store, image, index)));
  return deliveries;
}

export const isWritten = (deliveries: Deliveries): boolean =>
  [...deliveries.values()].every(({ problem }) => problem === undefined);
