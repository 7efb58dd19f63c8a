import { NotStartedError } from '../api/errors.js';
import type { Operation } from '../api/handle.js';
import { resolveSettings, type CancelableOptions, type OperationOptions, type Settings } from '../api/options.js';
import type { CancelReport } from '../api/report.js';
import { serverOf, type GenAIClient } from '../google/sdk.js';
import type { OperationIdentity } from '../operation/parts.js';
import type { Plan } from '../operation/job/plan.js';
import { OperationHandle } from '../operation/operation.js';
import type { Platform } from '../operation/platform.js';
import { OperationRun } from '../operation/run.js';
import { createToken } from '../util/token.js';
import { ModelMemory } from './capabilities.js';
import { rehearseCancel } from './rehearsal.js';

/** The operations of one client: the settings that they start with, and which of them are in flight. */
export class Operations {
  readonly client: GenAIClient;
  readonly memory = new ModelMemory();
  readonly #defaults: CancelableOptions;
  readonly #host: Platform;
  readonly #crowd;
  readonly #inFlight = new Map<Operation, OperationRun>();
  /** Settled, and still to be written down as that. */
  readonly #recording = new Set<OperationRun>();
  #isClosed = false;

  constructor(client: GenAIClient, defaults: CancelableOptions, host: Platform) {
    host.checkSignals(defaults.signals);
    this.client = client;
    this.#defaults = defaults;
    this.#host = host;
    this.#crowd = host.crowd();
  }

  get inFlight(): readonly Operation[] {
    return [...this.#inFlight.keys()];
  }

  settings(options: OperationOptions = {}, abortSignal?: AbortSignal): Settings {
    return resolveSettings(this.#defaults, options, abortSignal);
  }

  /** Returns the settings of a new operation. Throws for signals that the system does not have, and after `close()`. */
  open(options: OperationOptions, abortSignal?: AbortSignal): Settings {
    this.#host.checkSignals(options.signals);
    if (this.#isClosed) throw new NotStartedError('CLIENT_CLOSED', 'Nothing was started: close() has been called.');
    return this.settings(options, abortSignal);
  }

  /** Makes an operation. It begins after `turn`, so that the caller has the handle by then and can listen to it. */
  start(
    plan: Plan,
    settings: Settings,
    identity: Partial<OperationIdentity>,
    turn: Promise<unknown> = Promise.resolve(),
  ): Operation {
    const whole = { id: createToken(), tag: settings.tag, server: serverOf(this.client), ...identity };
    const run: OperationRun = new OperationRun(plan, settings, this.#host, whole, this.#crowd, () => operation);
    const operation = new OperationHandle(run);
    this.#inFlight.set(operation, run);
    this.#recording.add(run);
    run.settling.closed.on(() => this.#inFlight.delete(operation));
    void run.recorded.then(() => this.#recording.delete(run));
    void turn.then(() => run.begin());
    const mayCancel = this.#host.cancelsOnExit && plan.backend.cancelable;
    if (mayCancel) rehearseCancel(this.client, this.#host).catch(() => undefined);
    return operation;
  }

  /** Makes the operations that have a job of this name read its status soon. Returns whether there are any. */
  hint(name: string): boolean {
    const runs = [...this.#inFlight.values(), ...this.#recording];
    const jobs = runs.flatMap((run) => run.jobs.filter((job) => job.name === name));
    for (const job of jobs) job.hinted.abort();
    return jobs.length > 0;
  }

  cancelAll(trigger: 'cancel' | 'dispose', reason: unknown): Promise<CancelReport[]> {
    return Promise.all([...this.#inFlight.values()].map((run) => run.stop(trigger, reason)));
  }

  /** Cancels what is in flight and was not detached, starts nothing any more, and waits for the journal. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [operation, run] of this.#inFlight) if (run.handover.detached.aborted) this.#inFlight.delete(operation);
    await this.cancelAll('dispose', new DOMException('The client was closed.', 'AbortError'));
    await Promise.all(
      [...this.#recording].filter(({ settling }) => settling.isSettled).map(({ recorded }) => recorded),
    );
  }
}
