import { howToCancel } from '../api/commands.js';
import { NotStartedError, OperationCancelledError } from '../api/errors.js';
import type { Operation } from '../api/handle.js';
import type { OperationOptions } from '../api/options.js';
import type { ProbeAnswer, ProbeOptions, ProbeReport } from '../api/probe.js';
import type { JobSnapshot } from '../api/snapshot.js';
import { isRunning, ObservedInteraction } from '../google/interactions/observed-interaction.js';
import type { FireAndForgetBackend } from '../google/port.js';
import { serverOf, type GenAIClient } from '../google/sdk.js';
import type { Plan } from '../operation/job/plan.js';
import { notCancelable, REFUSED } from '../operation/job/submit-failure.js';
import { expectBoolean, expectFunction, expectKnownNames, expectMatch, expectSignal } from '../util/expected.js';
import { compact } from '../util/json.js';
import { Latch } from '../util/latch.js';
import { Timers } from '../util/timers.js';
import { refuseRetired } from './choose.js';
import type { Operations } from './operations.js';
import { callsTo, isCancelTaken, isEnded, observedBy, settledBy, settledByStream, worldOf } from './probe-findings.js';

/** A job that runs on for so long is cancelled once more, like any other whose time is over. */
const PATIENCE_MS = 120_000;
/** Time for one answer, in which the job runs and costs money. */
const ANSWER_MS = 3_000;
const PAUSE_MS = 1_050;

interface Asking {
  readonly operations: Operations;
  readonly model: string;
  readonly signal: AbortSignal | undefined;
  readonly heard: (answer: ProbeAnswer) => void;
}

export async function probe(operations: Operations, model: string, options: ProbeOptions = {}): Promise<ProbeReport> {
  expectKnownNames('options', options, ['signal', 'onProgress', 'streamed']);
  const { signal, onProgress, streamed } = options;
  expectSignal('signal', signal);
  expectFunction('onProgress', onProgress);
  expectBoolean('streamed', streamed);
  expectMatch('model', model, /\S/, 'a string that is not empty');
  refuseRetired(model);
  if (signal?.aborted === true) throw signal.reason as Error;
  // An error of `onProgress` is no failure of the call.
  const heard = (answer: ProbeAnswer): void =>
    void new Promise<void>((resolve) => resolve(onProgress?.(answer))).catch(() => undefined);
  const asking = { operations, model, signal, heard };
  const report = await probeJob(asking);
  // A rejection would hide the name of a job that may be running.
  if (streamed !== true || report.leftovers.length > 0) return report;
  return { ...report, ...(await probeStreamed(report, asking)) };
}

/** Returns the host that a client talks to. */
export function hostOf(client: GenAIClient): string {
  const { origin } = serverOf(client);
  return origin === undefined ? 'unknown' : new URL(origin).host;
}

/** Prepares an operation of one job: process signals, the exit of the process and the journal know it as such. */
function open({ operations, model, signal, heard }: Asking, options: OperationOptions) {
  const settings = operations.open({ onImage: undefined, webhook: undefined, ...options }, signal);
  const timers = new Timers(settings.clock);
  // The smallest image: of this model only it is known that it makes images of 512 pixels.
  const config = model.endsWith('gemini-3.1-flash-image') ? { imageSize: '512' } : {};
  const request = { model, prompt: 'A plain grey square.', numberOfImages: 1, config };
  const job = new ObservedInteraction(operations.client, request, timers, heard);
  const start = (plan: Omit<Plan, 'numberOfImages'>): Operation =>
    operations.start({ ...plan, numberOfImages: 1 }, settings, { record: 'new' });
  return { job, timers, start };
}

/** Resolves when the job has ended. Throws a cancel that was not the probe's own, and why a request could not be sent. */
async function endOf(operation: Operation): Promise<JobSnapshot> {
  const error: unknown = await operation.result().catch((reason: unknown) => reason);
  if (error instanceof OperationCancelledError && error.report.trigger !== 'timeout') {
    const { trigger, counts } = error.report;
    throw trigger === 'signal' && counts.running === 0 ? (error.cause as Error) : error;
  }
  if (error instanceof NotStartedError && ['NOT_SENT', 'JOURNAL_FAILED'].includes(error.code)) throw error;
  const [job] = operation.jobs as readonly [JobSnapshot];
  return job;
}

async function probeJob(asking: Asking): Promise<ProbeReport> {
  const { client, memory } = asking.operations;
  const { model } = asking;
  const { job: backend, timers, start } = open(asking, { timeoutMs: PATIENCE_MS });
  const operation = start({
    backend,
    observe: (observed, at) => memory.observe(model, observed, at),
    fallBack: () => ({ failure: () => notCancelable(model, REFUSED) }),
  });
  const over = new Latch();
  const asked = operation.submitted().then(
    () => ask(backend, operation.jobs[0]?.name ?? '', timers, over),
    // The result says so, too.
    () => undefined,
  );
  const job = await endOf(operation).finally(() => over.abort());
  await asked;
  const observed = observedBy(backend.calls, job);
  if (observed !== undefined) memory.observe(model, observed, timers.now());
  return { ...reportOf(backend, job, client), ...compact({ usage: operation.usage }) };
}

/** Reads, waits for the stream, cancels twice, and reads until the end. While no cancel is taken, it sends one every 2 s. */
async function ask(job: ObservedInteraction, name: string, timers: Timers, over: Latch): Promise<void> {
  const id = name.replace('interactions/', '');
  // Each answer, and each lack of one, has been noted.
  const wait = (answer: Promise<unknown>) => timers.within(answer, ANSWER_MS).catch(() => undefined);
  const read = () => wait(job.read(id, ANSWER_MS));
  /** Whether there is nothing to cancel: the end is known, or a read has just told it. */
  const isOver = (): boolean => {
    const last = job.calls.findLast(({ phase }) => phase !== undefined);
    return over.aborted || (last !== undefined && !isRunning(last));
  };
  await Promise.all([read(), wait(job.streamed.promise)]);
  for (let turn = 0; !isOver() || turn === 1; turn++) {
    const isDue = turn < 2 || (turn % 2 === 1 && !isCancelTaken(job.calls));
    if (isDue) await wait(job.cancel(id, ANSWER_MS));
    if (turn === 0) continue;
    await read();
    await timers.sleep(PAUSE_MS, over);
  }
}

function reportOf(backend: ObservedInteraction, job: JobSnapshot, client: GenAIClient) {
  const { calls, events, model } = backend;
  const { name, error, state, lastStatus = state } = job;
  const isRefused = error instanceof NotStartedError && error.code === 'NOT_CANCELABLE';
  const background: ProbeReport['background'] = isRefused ? 'refused' : name === undefined ? 'unknown' : 'accepted';
  const [create] = callsTo('create', calls);
  const [stream] = callsTo('stream', calls);
  const [cancel = null, secondCancel = null] = callsTo('cancel', calls).map(({ httpStatus }) => ({ httpStatus }));
  const confirmed = isEnded(job);
  const how = name === undefined ? backend.lostHint() : howToCancel(name, serverOf(client));
  return {
    type: 'probe' as const,
    model,
    host: hostOf(client),
    world: worldOf(calls, job, background),
    background,
    create: compact({ httpStatus: create?.httpStatus ?? null, code: create?.code }),
    reads: callsTo('read', calls).map(({ httpStatus, status }) => compact({ httpStatus, status })),
    stream: { httpStatus: stream?.httpStatus ?? null, events },
    cancel,
    secondCancel,
    end: { status: lastStatus, confirmed },
    settles: settledBy(calls, job, background),
    leftovers: confirmed ? [] : [compact({ name, howToCancel: how })],
  };
}

const LOST = 'The streamed image may still be made. It cannot be cancelled.';

/** Streams one more image, as a request that cannot be cancelled, and hangs up after its first event. */
async function probeStreamed({ model, settles }: ProbeReport, asking: Asking) {
  const { job, start } = open(asking, { limits: { watchMs: PATIENCE_MS } });
  const backend: FireAndForgetBackend = {
    name: 'models',
    cancelable: false,
    model,
    plan: (indices) => job.plan(indices),
    run: (_, signal) => job.runStreamed(signal, PAUSE_MS, ANSWER_MS),
    lostHint: () => LOST,
  };
  const { state } = await endOf(start({ backend }));
  const [create] = callsTo('create', job.calls);
  const [last] = callsTo('read', job.calls).slice(-1);
  const name = create?.id ? job.nameOf(create.id) : undefined;
  return {
    streamed: {
      httpStatus: create?.httpStatus ?? null,
      hasId: name !== undefined,
      read: last === undefined ? null : compact({ httpStatus: last.httpStatus, status: last.status }),
    },
    settles: [...settles, ...settledByStream(job.calls)],
    leftovers: state === 'unknown' ? [compact({ name, howToCancel: LOST })] : [],
  };
}
