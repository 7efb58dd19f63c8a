import { howToCancel } from '../api/commands.js';
import { NotStartedError, OperationCancelledError } from '../api/errors.js';
import type { Operation } from '../api/handle.js';
import type { ProbeAnswer, ProbeOptions, ProbeReport } from '../api/probe.js';
import type { Leftover } from '../api/report.js';
import { isRunning, ObservedInteraction } from '../google/interactions/observed-interaction.js';
import type { FireAndForgetBackend } from '../google/port.js';
import type { ImageRequest } from '../google/parameters.js';
import { serverOf, type GenAIClient } from '../google/sdk.js';
import type { Observed } from '../operation/job/plan.js';
import { notCancelable, REFUSED } from '../operation/job/submit-failure.js';
import { expectBoolean, expectFunction, expectKnownNames, expectMatch, expectSignal } from '../util/expected.js';
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
  expectKnownNames('options', options, ['signal', 'onProgress', 'streamed']);
  const { signal, onProgress, streamed } = options;
  expectSignal('signal', signal);
  expectFunction('onProgress', onProgress);
  expectBoolean('streamed', streamed);
  expectMatch('model', model, /\S/, 'a string that is not empty');
  refuseRetired(model);
  if (signal?.aborted === true) throw signal.reason as Error;
  const heard: Heard = (answer) => {
    try {
      onProgress?.(answer);
    } catch {
      // It is no failure of the call.
    }
  };
  const report = await new Probe(operations, model, signal, heard).run();
  return streamed === true ? { ...report, ...(await probeStreamed(operations, report, signal, heard)) } : report;
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

/** Throws what ends a probe without a report: a cancel that was not its own, and a request that could not be sent. */
function expectAnswered(error: unknown): void {
  if (error instanceof OperationCancelledError && error.report.trigger !== 'timeout') {
    const { trigger, counts } = error.report;
    throw trigger === 'signal' && counts.running === 0 ? (error.cause as Error) : error;
  }
  if (error instanceof NotStartedError && ['NOT_SENT', 'JOURNAL_FAILED'].includes(error.code)) throw error;
}

const LOST = 'The streamed image may still be made. It cannot be cancelled.';

type Heard = (answer: ProbeAnswer) => void;

/** Streams one more image, as a request that cannot be cancelled, and hangs up after its first event. */
async function probeStreamed(
  operations: Operations,
  report: ProbeReport,
  signal: AbortSignal | undefined,
  heard: Heard,
) {
  const settings = operations.open({ onImage: undefined, limits: { watchMs: PATIENCE_MS } }, signal);
  const timers = new Timers(settings.clock);
  const job = new ObservedInteraction(operations.client, smallestImage(report.model), () => timers.elapsed(), heard);
  const backend: FireAndForgetBackend = {
    name: 'models',
    cancelable: false,
    model: report.model,
    plan: (indices) => job.plan(indices),
    run: (_, signal) => job.runStreamed(signal, () => timers.sleep(PAUSE_MS), ANSWER_MS),
    lostHint: () => LOST,
  };
  const operation = operations.start({ backend, numberOfImages: 1 }, settings, { record: 'new' });
  const error: unknown = await operation.result().catch((reason: unknown) => reason);
  expectAnswered(error);
  const [create] = findings.callsTo('create', job);
  const last = findings.callsTo('read', job).at(-1);
  const isLost = operation.jobs.some(({ state }) => state === 'unknown');
  const streamed = {
    httpStatus: create?.httpStatus ?? null,
    hasId: job.streamedName !== undefined,
    read: last === undefined ? null : compact({ httpStatus: last.httpStatus, status: last.status }),
  };
  const settles = [...report.settles, ...findings.settledByStream(job.calls)];
  const leftovers = isLost
    ? [...report.leftovers, compact({ name: job.streamedName, howToCancel: LOST })]
    : report.leftovers;
  return { streamed, settles, leftovers };
}

/** One job of an operation: process signals, the exit of the process and the journal know it as such. */
class Probe {
  readonly #operations: Operations;
  readonly #backend: ObservedInteraction;
  readonly #timers: Timers;
  readonly #operation: Operation;
  readonly #observed = new Set<Observed>();
  readonly #over = new Latch();

  constructor(operations: Operations, model: string, signal: AbortSignal | undefined, heard: Heard) {
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
    expectAnswered(error);
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
    return this.#over.aborted || (last !== undefined && !isRunning(last));
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
