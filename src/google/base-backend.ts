import { FailureReader } from './failures.js';
import type { GenAIClient } from './sdk.js';

export abstract class BaseBackend<Request extends { readonly model: string; readonly prompt?: string }> {
  readonly model: string;
  protected readonly client: GenAIClient;
  protected readonly failures: FailureReader;
  readonly #request: Request | undefined;

  /** With the name of the model in place of a request it can only deal with jobs that exist already. */
  constructor(client: GenAIClient, request: Request | string, prompts: readonly string[] = []) {
    const given = typeof request === 'string' ? { model: request } : request;
    this.model = given.model;
    this.client = client;
    this.failures = new FailureReader(client, 'prompt' in given ? [given.prompt, ...prompts] : prompts);
    this.#request = typeof request === 'string' ? undefined : request;
  }

  protected get request(): Request {
    if (this.#request === undefined) throw new TypeError('This operation was attached to: it has nothing to send.');
    return this.#request;
  }
}
