import type { Webhook } from '../../api/options.js';
import type { ImageRequest } from '../parameters.js';
import type { CancelableBackend, CancelTemplate, JobStatus, StatusStream } from '../port.js';
import { BaseBackend } from '../base-backend.js';
import { apiClientOf, type CreateInteractionBody, type RequestOptions } from '../sdk.js';
import { openInteractionStream } from './interaction-stream.js';
import { parseCreatedInteraction, parseInteraction } from './parse-interaction.js';
import { RequestObserver } from '../transport.js';
import { prepareInteractionCancel } from '../direct-calls.js';
import { compact } from '../../util/json.js';

/** The longest timeout a timer of the platform takes: above it, it fires at once. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

export class InteractionsBackend extends BaseBackend<ImageRequest> implements CancelableBackend {
  readonly name = 'interactions';
  readonly cancelable = true;
  readonly pollIntervalMs = 2_000;

  nameOf(id: string): string {
    return `interactions/${id}`;
  }

  plan(indices: readonly number[]): readonly (readonly number[])[] {
    return indices.map((index) => [index]);
  }

  async create([index = 0]: readonly number[], _displayName?: string, webhook?: Webhook): Promise<JobStatus> {
    const body = createInteractionBody(this.request, index, webhook);
    const call = async (observer: RequestObserver): Promise<JobStatus> =>
      parseCreatedInteraction(await observer.interactions(this.client).create(body, this.#createOptions()));
    return this.failures.guardCreate(call, parseCreatedInteraction, true);
  }

  /** Starts one in the foreground as a stream, and hangs up after the first event. The id is empty if that has none. */
  createStreamed(): Promise<JobStatus> {
    const { background: _, ...body } = createInteractionBody(this.request, 0);
    return this.failures.guardCreate(async (observer) => {
      const source = await observer.interactions(this.client).create({ ...body, stream: true }, { maxRetries: 0 });
      const stream = openInteractionStream('', source, (status) => this.failures.clean(status));
      const event = await stream.next();
      stream.close();
      return event?.status ?? { id: '', status: 'unspecified', phase: 'unknown' };
    }, parseCreatedInteraction);
  }

  read(id: string, timeoutMs: number): Promise<JobStatus> {
    return this.failures.guard(async () => {
      const answer = await this.client.interactions.get(id, {}, requestOptions(timeoutMs));
      return this.failures.clean(parseInteraction(answer));
    });
  }

  async stream(id: string, lastEventId: string | undefined): Promise<StatusStream> {
    const params = compact({ stream: true as const, last_event_id: lastEventId });
    return this.failures.guard(async () => {
      const observer = new RequestObserver({ readsEvents: true });
      const source = await observer.interactions(this.client).get(id, params, { maxRetries: 0 });
      return openInteractionStream(id, observer.events ?? source, (status) => this.failures.clean(status));
    });
  }

  async cancel(id: string, timeoutMs: number): Promise<void> {
    await this.failures.guard(() => this.client.interactions.cancel(id, {}, requestOptions(timeoutMs)));
  }

  prepareCancel(): Promise<CancelTemplate | undefined> {
    return prepareInteractionCancel(apiClientOf(this.client));
  }

  lostHint(): string {
    return 'A job may be running and being paid for; its name was never received, and interactions cannot be listed: it can be neither watched nor cancelled from here.';
  }

  /** SDK 3 speaks `/v1` by default, and `/v1/interactions` has been seen to answer 400. */
  hint(status: number | undefined): string {
    const isV1 = apiClientOf(this.client)?.getApiVersion?.() === 'v1';
    if (!isV1 || (status !== 400 && status !== 404)) return '';
    return " If this API version has no interactions, try `new GoogleGenAI({ apiVersion: 'v1beta' })`.";
  }

  /** A timeout of the client's own would throw away an answer that holds the name of a paid job. */
  #createOptions(): RequestOptions {
    const clientTimeoutMs = apiClientOf(this.client)?.getTimeout?.();
    return clientTimeoutMs === undefined ? { maxRetries: 0 } : { maxRetries: 0, timeout: NO_TIMEOUT_MS };
  }
}

/** The SDK takes integers only, and takes 0 for "none". */
function requestOptions(timeoutMs: number): RequestOptions {
  return { maxRetries: 0, timeout: Math.min(Math.max(1, Math.ceil(timeoutMs)), NO_TIMEOUT_MS) };
}

/** The body that starts job number `index`. One interaction makes one image: its schema has no count. */
export function createInteractionBody(request: ImageRequest, index: number, webhook?: Webhook): CreateInteractionBody {
  const { model, prompt, config } = request;
  const { aspectRatio, imageSize, outputMimeType, seed, labels } = config;
  const format = { aspect_ratio: aspectRatio, image_size: imageSize, mime_type: outputMimeType };
  return compact({
    model,
    input: prompt,
    background: true as const,
    response_format: { type: 'image' as const, ...compact(format) },
    generation_config: seed === undefined ? undefined : { seed: seed + index },
    labels: labels && { ...labels },
    webhook_config: webhook && compact({ uris: [...webhook.uris], user_metadata: webhook.userMetadata }),
  });
}
