import type { Operation } from '../api/handle.js';
import type { Image } from '../api/images.js';
import type { Settings } from '../api/options.js';
import type { Job } from './job/job.js';
import type { OperationParts } from './parts.js';
import { notHandedOverWarningOf } from './warnings.js';

/** One finished image, and whether somebody has it. */
export interface Delivery {
  readonly job: Job;
  readonly index: number;
  readonly image: Image;
  /** The promise of `onImage` resolved. */
  received: boolean;
  /** A listener, an iterator, or a promise that the caller asked for has delivered it. */
  delivered: boolean;
  /** A promise that the caller asked for has settled with it. */
  asked: boolean;
}

/** The finished images of one operation: it gives each to `onImage` once, and knows which nobody has. */
export class Deliveries {
  readonly #parts: OperationParts;
  readonly #operation: () => Operation;
  readonly #all = new Map<Image, Delivery>();
  readonly #pending = new Map<Delivery, Promise<void>>();

  constructor(parts: OperationParts, operation: () => Operation) {
    this.#parts = parts;
    this.#operation = operation;
  }

  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Takes a new image, and gives it to `onImage` in this turn. */
  add(job: Job, index: number, image: Image): void {
    const delivery: Delivery = { job, index, image, received: false, delivered: false, asked: false };
    this.#all.set(image, delivery);
    const { onImage } = this.#parts.settings;
    if (onImage === undefined) return;
    const receiving = this.#give(delivery, onImage).finally(() => {
      this.#pending.delete(delivery);
      this.#changed();
    });
    this.#pending.set(delivery, receiving);
  }

  async #give(delivery: Delivery, onImage: NonNullable<Settings['onImage']>): Promise<void> {
    const { job, index, image } = delivery;
    try {
      await onImage(image, index, this.#operation());
      delivery.received = true;
    } catch (error) {
      const { warn, identity } = this.#parts;
      warn('image-not-handed-over', notHandedOverWarningOf(job, index, error, identity.server));
    }
  }

  #changed(): void {
    this.#parts.changed();
    this.#parts.recorder?.claimsChanged();
  }

  /** Notes that images were delivered. `asked`: by a promise that the caller asked for. */
  mark(images: Iterable<Image>, asked: boolean): void {
    for (const image of images) {
      const delivery = this.#all.get(image);
      if (delivery !== undefined) Object.assign(delivery, { delivered: true, asked: delivery.asked || asked });
    }
    this.#changed();
  }

  async settled(): Promise<void> {
    while (this.isPending) await Promise.all(this.#pending.values());
  }

  /**
   * Returns the images that nobody has. While the process dies of a signal only `onImage` counts: a listener may have started
   * a write that never ends. At another end of the process, the promises count that had settled before.
   */
  unclaimed(ending: 'signal' | 'exit' | undefined): readonly Delivery[] {
    return [...this.#all.values()].filter((delivery) => {
      if (delivery.received) return false;
      if (this.#pending.has(delivery) || ending === 'signal') return true;
      return ending === 'exit' ? !delivery.asked : !delivery.delivered;
    });
  }
}
