import type { Image } from '../../api/images.js';
import type { JobStatus, StatusEvent, StatusStream } from '../port.js';
import { isObject } from '../../util/json.js';
import { MalformedAnswerError } from '../failures.js';
import { parseImage, phaseOf, toJobStatus } from './parse-interaction.js';

interface EventSource {
  getReader(): { read(): Promise<{ done: boolean; value?: unknown }>; cancel(): Promise<void> };
}

/**
 * The SDK's event stream as status events. It is read through `getReader()`: the SDK's iterator waits for the next event
 * before it closes the connection.
 */
export function openInteractionStream(
  id: string,
  source: unknown,
  clean: (status: JobStatus) => JobStatus,
): StatusStream {
  if (!isEventSource(source)) throw new MalformedAnswerError('The answer to a stream request is not a stream.');
  const reader = source.getReader();
  const parser = new EventParser(id);
  return {
    async next() {
      const { done, value } = await reader.read();
      if (done) return undefined;
      const event = parser.parse(value);
      return event.status === undefined ? event : { ...event, status: clean(event.status) };
    },
    close() {
      reader.cancel().catch(() => undefined);
    },
  };
}

function isEventSource(source: unknown): source is EventSource {
  return isObject(source) && typeof source['getReader'] === 'function';
}

/** Puts the status together with the image that came before it in a `step.delta` of its own. */
class EventParser {
  readonly #id: string;
  /** The first two at most: to know that there are several is enough. */
  readonly #images: Image[] = [];

  constructor(id: string) {
    this.#id = id;
  }

  parse(event: unknown): StatusEvent {
    // Rubbish arrives as a string.
    if (!isObject(event)) return { understood: false };
    const eventId = typeof event['event_id'] === 'string' ? { eventId: event['event_id'] } : {};
    switch (event['event_type']) {
      case 'interaction.created':
      case 'interaction.completed':
        return { understood: true, ...eventId, ...this.#fromResource(event['interaction']) };
      case 'interaction.status_update':
        return { understood: true, ...eventId, ...this.#fromStatus(event['status']) };
      case 'step.delta':
        this.#collect(event['delta']);
        return { understood: true, ...eventId };
      case 'error':
        return { understood: true, ...eventId, readAgain: true };
      default:
        return { understood: typeof event['event_type'] === 'string', ...eventId };
    }
  }

  #fromResource(resource: unknown): Pick<StatusEvent, 'status'> {
    if (!isObject(resource) || typeof resource['status'] !== 'string') return {};
    const status = toJobStatus(this.#id, resource['status'], resource, false);
    const [image, ...others] = this.#images;
    // Of several images only the whole interaction tells which one is final.
    if (image === undefined || others.length > 0 || status.phase !== 'succeeded') return { status };
    return { status: { outputs: [{ image }], ...status } };
  }

  #fromStatus(status: unknown): Pick<StatusEvent, 'status'> {
    return typeof status === 'string' ? { status: { id: this.#id, status, phase: phaseOf(status) } } : {};
  }

  #collect(delta: unknown): void {
    const image = parseImage(delta);
    if (image !== undefined && this.#images.length < 2) this.#images.push(image);
  }
}
