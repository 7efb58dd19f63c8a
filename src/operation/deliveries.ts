import type { Image } from '../api/images.js';
import type { Job } from './job/job.js';

export type ImageReceiver = (image: Image, index: number) => void | Promise<void>;

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

export type ProcessEnding = 'signal' | 'exit' | undefined;

/** The finished images of one operation: it gives each to `onImage` once, and knows which nobody has. */
export class Deliveries {
  readonly #receive: ImageReceiver | undefined;
  readonly #failed: (delivery: Delivery, error: unknown) => void;
  readonly #changed: () => void;
  readonly #all = new Map<Image, Delivery>();
  readonly #pending = new Map<Delivery, Promise<void>>();

  /** `failed` is called when `onImage` rejects, and `changed` when an image was handed over. */
  constructor(
    receive: ImageReceiver | undefined,
    failed: (delivery: Delivery, error: unknown) => void,
    changed: () => void,
  ) {
    this.#receive = receive;
    this.#failed = failed;
    this.#changed = changed;
  }

  get hasReceiver(): boolean {
    return this.#receive !== undefined;
  }

  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Takes a new image, and gives it to `onImage` in this turn. */
  add(job: Job, index: number, image: Image): void {
    const delivery: Delivery = { job, index, image, received: false, delivered: false, asked: false };
    this.#all.set(image, delivery);
    if (this.#receive === undefined) return;
    const receiving = this.#give(delivery, this.#receive).finally(() => {
      this.#pending.delete(delivery);
      this.#changed();
    });
    this.#pending.set(delivery, receiving);
  }

  async #give(delivery: Delivery, receive: ImageReceiver): Promise<void> {
    try {
      await receive(delivery.image, delivery.index);
      delivery.received = true;
    } catch (error) {
      this.#failed(delivery, error);
    }
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
  unclaimed(ending: ProcessEnding): readonly Delivery[] {
    return [...this.#all.values()].filter((delivery) => {
      if (delivery.received) return false;
      if (this.#pending.has(delivery) || ending === 'signal') return true;
      return ending === 'exit' ? !delivery.asked : !delivery.delivered;
    });
  }
}
