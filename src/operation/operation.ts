import type { Operation, WaitOptions } from '../api/handle.js';
import { OperationCancelledError } from '../api/errors.js';
import { unlessAborted } from '../util/deferred.js';
import { expectKnownNames, expectSignal } from '../util/expected.js';
import type { GenerateImagesResponse } from '../api/images.js';
import type { CancelReport, Usage } from '../api/report.js';
import type { EventListener, OperationEvent, OperationEvents, OperationState } from '../api/events.js';
import type { JobSnapshot, OperationSnapshot } from '../api/snapshot.js';
import { totalUsage } from './billing.js';
import { INSPECT, type Inspect } from '../util/inspect.js';
import type { OperationRun } from './run.js';

/** Older browsers lack the symbol; there the method is reachable by no name, and `cancel()` does the same. */
export const asyncDispose: typeof Symbol.asyncDispose = ((Symbol as { asyncDispose?: symbol }).asyncDispose ??
  Symbol('Symbol.asyncDispose')) as typeof Symbol.asyncDispose;

/** The public handle: a view of the run. `Operation` documents its members. */
export class OperationHandle implements Operation {
  readonly #run: OperationRun;

  /** @internal */
  constructor(run: OperationRun) {
    this.#run = run;
  }

  get id(): string {
    return this.#run.identity.id;
  }

  get state(): OperationState {
    return this.#run.state;
  }

  get jobs(): readonly JobSnapshot[] {
    return this.#run.jobs.map((job) => job.snapshot());
  }

  get cancelable(): boolean {
    return this.#run.jobs.every(({ backend }) => backend.cancelable);
  }

  get usage(): Usage | undefined {
    return totalUsage(this.#run.jobs);
  }

  submitted(options: WaitOptions = {}): Promise<void> {
    return this.#wait(this.#run.handover.submitted.promise, options);
  }

  result(options: WaitOptions = {}): Promise<GenerateImagesResponse> {
    const waiting = this.#wait(this.#run.handover.result.promise, options);
    waiting.then(
      (response) => this.#markDelivered(response),
      (error: unknown) => {
        if (error instanceof OperationCancelledError) this.#markDelivered(error.report.response);
      },
    );
    return waiting;
  }

  cancel(reason: unknown = new DOMException('The operation was cancelled.', 'AbortError')): Promise<CancelReport> {
    const reporting = this.#run.stop('cancel', reason);
    void reporting.then(({ response }) => this.#markDelivered(response));
    return reporting;
  }

  detach(): void {
    this.#run.detach();
  }

  on<Name extends keyof OperationEvents>(name: Name, listener: EventListener<Name>): () => void {
    return this.#run.channel.on(name, listener, false);
  }

  once<Name extends keyof OperationEvents>(name: Name, listener: EventListener<Name>): () => void {
    return this.#run.channel.on(name, listener, true);
  }

  off<Name extends keyof OperationEvents>(name: Name, listener?: EventListener<Name>): void {
    this.#run.channel.off(name, listener);
  }

  events(options: WaitOptions = {}): AsyncIterableIterator<OperationEvent> {
    checkWaitOptions(options);
    return this.#run.channel.iterate(options.signal);
  }

  toJSON(): OperationSnapshot {
    return this.#run.snapshot();
  }

  /** Prints the jobs, with nothing of the prompt. @internal */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    const jobs = this.jobs.map(({ name, state }) => `${name ?? 'no name yet'}: ${state}`);
    return `Operation ${inspect({ id: this.id, state: this.state, jobs }, options)}`;
  }

  async [asyncDispose](): Promise<void> {
    const { settling, handover } = this.#run;
    if (settling.isSettled || handover.detached.aborted) return;
    await this.#run.stop('dispose', new DOMException('The scope of the operation was left.', 'AbortError'));
  }

  #markDelivered(response: GenerateImagesResponse | undefined): void {
    const images = (response?.generatedImages ?? []).flatMap(({ image }) => image ?? []);
    this.#run.handover.deliveries.mark(images, true);
  }

  #wait<T>(promise: Promise<T>, options: WaitOptions): Promise<T> {
    checkWaitOptions(options);
    const waiting = this.#run.waiting(unlessAborted(promise, options.signal));
    // A caller who drops the promise has chosen not to know.
    waiting.catch(() => undefined);
    return waiting;
  }
}

function checkWaitOptions(options: WaitOptions): void {
  expectKnownNames('options', options, ['signal']);
  expectSignal('signal', options.signal);
}
