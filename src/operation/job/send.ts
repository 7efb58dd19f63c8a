import type { Latch } from '../../util/latch.js';
import type { Refable } from '../../util/timers.js';
import { failureOf, type CallFailure } from '../../google/failures.js';
import { NotStartedError, type FailureFactory } from '../../api/errors.js';
import type { JobRecorder, OperationContext, TrackConnection } from './context.js';
import type { Job } from './job.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Makes a request whose connections keep the process alive as long as the operation does, until `forget` is called. */
export function hold<T>(
  call: () => Promise<T>,
  { track, timers }: Pick<OperationContext, 'track' | 'timers'>,
  note?: Parameters<TrackConnection>[2],
): { readonly answer: Promise<T>; readonly forget: () => void } {
  const drops: (() => void)[] = [];
  const add = (connection: Refable): (() => void) => {
    const drop = timers.add(connection);
    drops.push(drop);
    return drop;
  };
  return { answer: track(call, add, note), forget: () => drops.forEach((drop) => drop()) };
}

/** Makes a paid request. Rejects with a `CallFailure` that knows what the transport has told of it. */
export async function sendTracked<T>(
  call: () => Promise<T>,
  context: Pick<OperationContext, 'track' | 'timers' | 'origin'>,
): Promise<T> {
  const { origin } = context;
  let wasWritten: boolean | undefined;
  const { answer, forget } = hold(call, context, (to, isWritten) => {
    // Credentials are asked for elsewhere.
    if (origin === undefined || to === origin) wasWritten = wasWritten === true || isWritten;
  });
  try {
    return await answer;
  } catch (error) {
    const failure = failureOf(error);
    if (wasWritten === undefined) throw failure;
    throw wasWritten ? failure.maybeSent() : failure.neverSent();
  } finally {
    forget();
  }
}

/**
 * Makes a paid request once the record of its operation says that it may be on its way: in this turn if there is nothing to
 * wait for. Makes none if that could not be written down, nor if the job was stopped meanwhile.
 */
export async function sendRecorded<T>(
  job: Job,
  context: OperationContext,
  send: () => Promise<T>,
): Promise<T | undefined> {
  const { recorder, stopped } = context;
  if (context.pausedUntil.size > 0) await pauseOver(job, context);
  if (stopped.aborted) job.finish({ kind: 'not-started' });
  if (job.over.aborted || (recorder !== undefined && !(await isWritten(job, recorder)))) return undefined;
  try {
    if (stopped.aborted) job.finish({ kind: 'not-started' });
    return job.end === undefined ? await send() : undefined;
  } finally {
    recorder?.afterCreate(job);
  }
}

async function isWritten(job: Job, recorder: JobRecorder): Promise<boolean> {
  try {
    await recorder.beforeCreate(job);
    return true;
  } catch (error) {
    const { error: cause } = failureOf(error);
    const message = 'The journal could not be written, so nothing was sent.';
    const failure: FailureFactory = (jobs) => new NotStartedError('JOURNAL_FAILED', message, { jobs, cause });
    job.finish({ kind: 'not-started', failure });
    return false;
  }
}

/** Waits while the server has asked the operation to wait: its jobs share that, also those that were not sent yet. */
async function pauseOver(job: Job, context: OperationContext): Promise<void> {
  const wakes = wakesOf(job, context);
  for (;;) {
    const pauseMs = (context.pausedUntil.get(job.backend.name) ?? 0) - context.timers.elapsed();
    if (pauseMs <= 0 || wakes.some(({ aborted }) => aborted)) return;
    await context.timers.sleep(pauseMs, ...wakes);
  }
}

/** A refusal of the background concerns the requests that run there. */
function wakesOf(job: Job, { stopped, refused }: OperationContext): readonly Latch[] {
  return job.backend.cancelable ? [stopped, refused, job.over] : [stopped, job.over];
}

/** Sends a paid request, and again where the server says that it has started nothing and may do so later. */
export async function sendPatiently<T>(
  job: Job,
  context: OperationContext,
  send: (endsAt: number) => Promise<T>,
): Promise<T> {
  const { timers, settings, timeoutEndsAt, pausedUntil } = context;
  const { name } = job.backend;
  const wakes = wakesOf(job, context);
  const endsAt = timers.elapsed() + settings.limits.submitMs;
  const givenUpAt = Math.min(endsAt, timeoutEndsAt);
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(endsAt);
    } catch (error) {
      const failure = failureOf(error);
      context.debug(() => `${job.label}: create failed: ${failure.message}`);
      if (failure.kind !== 'rate-limited' || wakes.some(({ aborted }) => aborted)) throw failure;
      const askedMs = askedPauseOf(failure, timers.now());
      const until = timers.elapsed() + pauseOf(askedMs, attempt);
      if (until > givenUpAt) throw askedMs === undefined ? failure : failure.withAdvice(tooLong(askedMs));
      if (until > (pausedUntil.get(name) ?? 0)) {
        pausedUntil.set(name, until);
        context.warn('waiting', waitingMessage(failure, until - timers.elapsed()));
      }
      await pauseOver(job, context);
      if (wakes.some(({ aborted }) => aborted)) throw failure;
    }
  }
}

function askedPauseOf({ retryAfter }: CallFailure, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  return 'ms' in retryAfter ? retryAfter.ms : Math.max(0, retryAfter.at - now);
}

/** Takes as long as the server asks, else up to a quarter off an exponential pause, so that processes do not come back as one. */
function pauseOf(askedMs: number | undefined, attempt: number): number {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS) * (1 - Math.random() * 0.25);
  // A server that always asks for an instant is not asked all the time.
  return askedMs === undefined ? pauseMs : Math.max(askedMs, pauseMs / 2);
}

function waitingMessage({ message }: CallFailure, ms: number): string {
  return `The server takes no request now (${message}). The library waits ${inSeconds(ms)} and sends it again.`;
}

function tooLong(ms: number): string {
  return `It asks to wait ${inSeconds(ms)}, which does not fit into \`limits.submitMs\` or \`timeoutMs\`.`;
}

function inSeconds(ms: number): string {
  return `${Math.ceil(ms / 100) / 10} s`;
}
