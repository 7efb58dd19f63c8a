import type { Image } from '../../api/images.js';
import type { JobStatus, StatusEvent, StatusStream } from '../port.js';
import { isObject, textIn } from '../../util/json.js';
import { MalformedAnswerError } from '../failures.js';
import { isId, parseImage, phaseOf, toJobStatus } from './parse-interaction.js';

/**
 * Reads the events by `getReader()`: the SDK's iterator waits for the next one before it closes the connection. Without an `id`
 * the events have to tell it.
 */
export function openInteractionStream(
  id: string,
  source: unknown,
  clean: (status: JobStatus) => JobStatus,
): StatusStream {
  if (!isObject(source) || typeof source['getReader'] !== 'function')
    throw new MalformedAnswerError('The answer to a stream request is not a stream.');
  const reader = (source as unknown as ReadableStream<unknown>).getReader();
  const parse = eventParser(id);
  return {
    async next() {
      const { done, value } = await reader.read();
      if (done) return undefined;
      const event = parse(value);
      return event.status === undefined ? event : { ...event, status: clean(event.status) };
    },
    close() {
      reader.cancel().catch(() => undefined);
    },
  };
}

/** Makes a parser that puts the status together with the image that came before it in a `step.delta` of its own. */
function eventParser(id: string): (event: unknown) => StatusEvent {
  /** The first two at most: to know that there are several is enough. */
  const images: Image[] = [];

  const fromResource = (resource: unknown): Pick<StatusEvent, 'status'> => {
    if (!isObject(resource) || typeof resource['status'] !== 'string') return {};
    const own = textIn(resource, 'id') ?? '';
    const status = toJobStatus(id === '' && isId(own) ? own : id, resource['status'], resource, false);
    const [image, ...others] = images;
    // Of several images only the whole interaction tells which one is final.
    if (image === undefined || others.length > 0 || status.phase !== 'succeeded') return { status };
    return { status: { outputs: [{ image }], ...status } };
  };

  return (event) => {
    // Rubbish arrives as a string.
    if (!isObject(event)) return { understood: false };
    const { event_id: eventId, event_type: type, status } = event;
    const common = { understood: typeof type === 'string', ...(typeof eventId === 'string' ? { eventId } : {}) };
    if (type === 'error') return { ...common, readAgain: true };
    if (type === 'interaction.created' || type === 'interaction.completed')
      return { ...common, ...fromResource(event['interaction']) };
    if (type === 'interaction.status_update' && typeof status === 'string')
      return { ...common, status: { id, status, phase: phaseOf(status) } };
    const image = type === 'step.delta' ? parseImage(event['delta']) : undefined;
    if (image !== undefined && images.length < 2) images.push(image);
    return common;
  };
}
