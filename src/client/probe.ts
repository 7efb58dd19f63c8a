import { howToCancel } from '../api/commands.js';
import { NotStartedError, OperationCancelledError } from '../api/errors.js';
import type { Operation } from '../api/handle.js';
import type { ProbeAnswer, ProbeOptions, ProbeReport } from '../api/probe.js';
import type { Leftover } from '../api/report.js';
import { ObservedInteraction } from '../google/interactions/observed-interaction.js';
import type { ImageRequest } from '../google/parameters.js';
import { serverOf, type GenAIClient } from '../google/sdk.js';
import type { Observed } from '../operation/job/plan.js';
import { notCancelable, REFUSED } from '../operation/job/submit-failure.js';
import { expectFunction, expectKnownNames, expectMatch, expectSignal } from '../util/expected.js';
import { compact } from '../util/json.js';
import { Latch } from '../util/latch.js';
import { Timers } from '../util/timers.js';
import { refuseRetired } from './choose.js';
import type { Operations } from './operations.js';
import * as findings from './probe-findings.js';

/** A job that runs on for so long is cancelled once more, like any other whose time is over. */
const PATIENCE_MS = 120_000;
/** Time for one answer, in which the job runs and costs money. */
const ANSWER_MS = 3_000;
const PAUSE_MS = 1_050;

/** Asks the server what it does with a model. Documented at `CancelableImages`. */
export async function probe(operations: Operations, model: string, options: ProbeOptions = {}): Promise<ProbeReport> {
  expectKnownNames('options', options, ['signal', 'onProgress']);
  const { signal, onProgress } = options;
  expectSignal('signal', signal);
  expectFunction('onProgress', onProgress);
  expectMatch('model', model, /\S/, 'a string that is not empty');
  refuseRetired(model);
  if (signal?.aborted === true) throw signal.reason as Error;
  const heard = (answer: ProbeAnswer): void => {
    try {
      onProgress?.(answer);
    } catch {
      // It is no failure of the call.
    }
  };
  return new Probe(operations, model, signal, heard).run();
}

/** Returns the host that a client talks to. */
export function hostOf(client: GenAIClient): string {
  const { origin } = serverOf(client);
  return origin === undefined ? 'unknown' : new URL(origin).host;
}

/** The smallest image: of this model only it is known that it makes images of 512 pixels. */
function smallestImage(model: string): ImageRequest {
  const config = model.endsWith('gemini-3.1-flash-image') ? { imageSize: '512' } : {};
  return { model, prompt: 'A plain grey square.', numberOfImages: 1, config };
}

/** One job of an operation: process signals, the exit of the process and the journal know it as such. */
class Probe {
  readonly #operations: Operations;
  readonly #backend: ObservedInteraction;
  readonly #timers: Timers;
  readonly #operation: Operation;
  readonly #observed = new Set<Observed>();
  readonly #over = new Latch();

  constructor(
    operations: Operations,
    model: string,
    signal: AbortSignal | undefined,
    heard: (answer: ProbeAnswer) => void,
  ) {
    const settings = operations.open({ onImage: undefined, webhook: undefined, timeoutMs: PATIENCE_MS }, signal);
    const timers = new Timers(settings.clock);
    this.#operations = operations;
    this.#timers = timers;
    this.#backend = new ObservedInteraction(operations.client, smallestImage(model), () => timers.elapsed(), heard);
    const plan = {
      backend: this.#backend,
      numberOfImages: 1,
      observe: (observed: Observed) => this.#observe(observed),
      fallBack: () => ({ failure: () => notCancelable(model, REFUSED) }),
    };
    this.#operation = operations.start(plan, settings, { record: 'new' });
  }

  async run(): Promise<ProbeReport> {
    const asked = this.#operation.submitted().then(
      () => this.#ask(),
      // The result says so, too.
      () => undefined,
    );
    const error: unknown = await this.#operation.result().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    this.#over.abort();
    await asked;
    if (error instanceof OperationCancelledError && error.report.trigger !== 'timeout') {
      const { trigger, outcome } = error.report;
      throw trigger === 'signal' && outcome !== 'unconfirmed' ? (error.cause as Error) : error;
    }
    if (error instanceof NotStartedError && ['NOT_SENT', 'JOURNAL_FAILED'].includes(error.code)) throw error;
    return this.#report();
  }

  #observe(observed: Observed): void {
    this.#observed.add(observed);
    this.#operations.memory.observe(this.#backend.model, observed, this.#timers.now());
  }

  get #seen(): findings.Sightings {
    const isBackgroundRefused = this.#observed.has('background-refused');
    return { calls: this.#backend.calls, job: this.#operation.jobs[0], isBackgroundRefused };
  }

  /** Reads, waits for the stream, cancels twice, and reads until the end. While no cancel is taken, it sends one every 2 s. */
  async #ask(): Promise<void> {
    const id = this.#operation.jobs[0]?.name?.replace('interactions/', '') ?? '';
    const read = (): Promise<unknown> => this.#answerTo(this.#backend.read(id, ANSWER_MS));
    await Promise.all([read(), this.#answerTo(this.#backend.streamed.promise)]);
    for (let turn = 0; !this.#isOver || turn === 1; turn++) {
      const isDue = turn < 2 || (turn % 2 === 1 && !findings.isCancelTaken(this.#backend));
      if (isDue) await this.#answerTo(this.#backend.cancel(id, ANSWER_MS));
      if (turn === 0) continue;
      await read();
      await this.#timers.sleep(PAUSE_MS, this.#over);
    }
  }

  /** Whether there is nothing to cancel: the end is known, or a read has just told it. */
  get #isOver(): boolean {
    const last = this.#backend.calls.findLast(({ phase }) => phase !== undefined);
    return this.#over.aborted || (last !== undefined && !findings.isRunning(last));
  }

  async #answerTo(answer: Promise<unknown>): Promise<void> {
    // Each answer, and each lack of one, has been noted.
    await this.#timers.within(answer, ANSWER_MS).catch(() => undefined);
  }

  #report(): ProbeReport {
    const seen = this.#seen;
    const { job } = seen;
    const observed = findings.observedBy(seen);
    if (observed !== undefined) this.#observe(observed);
    const [create] = findings.callsTo('create', seen);
    const [stream] = findings.callsTo('stream', seen);
    const [cancel = null, secondCancel = null] = findings
      .callsTo('cancel', seen)
      .map(({ httpStatus }) => ({ httpStatus }));
    const confirmed = findings.isEnded(seen);
    return compact({
      type: 'probe' as const,
      model: this.#backend.model,
      host: hostOf(this.#operations.client),
      world: findings.worldOf(seen),
      background: findings.backgroundOf(seen),
      create: compact({ httpStatus: create?.httpStatus ?? null, code: create?.code }),
      reads: findings.callsTo('read', seen).map(({ httpStatus, status }) => compact({ httpStatus, status })),
      stream: { httpStatus: stream?.httpStatus ?? null, events: this.#backend.events },
      cancel,
      secondCancel,
      end: { status: job?.lastStatus ?? job?.state ?? 'unknown', confirmed },
      usage: this.#operation.usage,
      settles: findings.settledBy(seen),
      leftovers: confirmed ? [] : [this.#leftover(job?.name)],
    });
  }

  #leftover(name: string | undefined): Leftover {
    if (name === undefined) return { howToCancel: this.#backend.lostHint() };
    return { name, howToCancel: howToCancel(name, serverOf(this.#operations.client)) };
  }
}
