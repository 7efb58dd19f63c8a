import type { OperationEvent } from '../../api/events.js';
import type { Delivery } from '../folder.js';
import type { Output } from '../surroundings.js';
import type { Outputs, Scene, View } from './view.js';

/** Every event as a line of JSON, with the place of an image instead of its bytes. */
export class JsonView implements View {
  readonly #scene: Scene;
  readonly #outputs: Outputs;
  readonly #common: object;

  /** `common` is in every line, before what is the event's own. */
  constructor(scene: Scene, outputs: Outputs, common: object = {}) {
    this.#scene = scene;
    this.#outputs = outputs;
    this.#common = common;
  }

  event(event: OperationEvent): void {
    writeJson(this.#outputs.results, { ...this.#common, ...event }, this.#scene.deliveries.values());
  }

  tick(): void {
    // Time is no event.
  }

  remark(text: string): void {
    this.#outputs.messages.write(`${text}\n`);
  }
}

/** Writes one line of JSON. */
export function writeJson(output: Output, value: unknown, deliveries: Iterable<Delivery> = []): void {
  output.write(`${toJson(value, deliveries)}\n`);
}

/** Does the work of `JSON.stringify`, without the bytes of images, and with errors that say something. */
export function toJson(value: unknown, deliveries: Iterable<Delivery>): string {
  const places = new Map<unknown, Delivery>();
  for (const delivery of deliveries) if (delivery.left !== true) places.set(delivery.image, delivery);
  const text = JSON.stringify(value, (key, part: unknown) => {
    const delivery = places.get(part);
    if (delivery !== undefined) return placeOf(delivery);
    if (key === 'imageBytes') return undefined;
    return part instanceof Error ? { name: part.name, message: part.message } : part;
  });
  // JSON leaves some control characters as they are: they could take over the terminal.
  return text.replace(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

function placeOf({ image, path, address, problem, note }: Delivery): object {
  return { mimeType: image.mimeType, path, gcsUri: address, problem, note };
}
