import type { OperationEvent } from '../../operation/events.js';
import type { Delivery } from '../folder.js';
import type { Output, Scene, View } from './view.js';

/** Every event as a line of JSON, with the place of an image instead of its bytes. */
export class JsonView implements View {
  readonly #scene: Scene;
  readonly #results: Output;
  readonly #messages: Output;
  readonly #common: object;

  /** `common` is in every line, before what is the event's own. */
  constructor(scene: Scene, outputs: { results: Output; messages: Output }, common: object = {}) {
    this.#scene = scene;
    this.#common = common;
    this.#results = outputs.results;
    this.#messages = outputs.messages;
  }

  event(event: OperationEvent): void {
    this.#results.write(`${toJson({ ...this.#common, ...event }, this.#scene.deliveries.values())}\n`);
  }

  tick(): void {
    // Time is no event.
  }

  remark(text: string): void {
    this.#messages.write(`${text}\n`);
  }
}

/** Like `JSON.stringify`, without the bytes of images, and with errors that say something. */
export function toJson(value: unknown, deliveries: Iterable<Delivery>): string {
  const places = new Map<unknown, Delivery>();
  for (const delivery of deliveries) places.set(delivery.image, delivery);
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
