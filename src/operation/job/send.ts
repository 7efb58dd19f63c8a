import type { Latch } from '../../util/latch.js';
import { failureOf, type CallFailure } from '../../google/failures.js';
import type { OperationContext } from './context.js';
import type { Job } from './job.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Makes a paid request, whose connection keeps the process alive as long as the operation does. Rejects with a
 * `CallFailure` that knows what the transport has told of the request.
 */
export async function sendTracked<T>(
  call: () => Promise<T>,
  { track, timers, origin }: Pick<OperationContext, 'track' | 'timers' | 'origin'>,
): Promise<T> {
  const forget: (() => void)[] = [];
  let wasWritten: boolean | undefined;
  try {
    return await track(
      call,
      (connection) => {
        const remove = timers.add(connection);
        forget.push(remove);
        return remove;
      },
      (to, isWritten) => {
        // Credentials are asked for elsewhere.
        if (origin === undefined || to === origin) wasWritten = wasWritten === true || isWritten;
      },
    );
  } catch (error) {
    const failure = failureOf(error);
    if (wasWritten === undefined) throw failure;
    throw wasWritten ? failure.maybeSent() : failure.neverSent();
  } finally {
    for (const drop of forget) drop();
  }
}

/** Waits while the server has asked the operation to wait: its jobs share that, also those that were not sent yet. */
export async function pauseOver(job: Job, context: OperationContext): Promise<void> {
  const wakes = wakesOf(job, context);
  for (;;) {
    const pauseMs = (context.pausedUntil.get(job.backend.name) ?? 0) - context.timers.now();
    if (pauseMs <= 0 || wakes.some(({ aborted }) => aborted)) return;
    await context.timers.sleep(pauseMs, ...wakes);
  }
}

/** A refusal of the background concerns the requests that run there. */
function wakesOf(job: Job, { stopped, refused }: OperationContext): readonly Latch[] {
  return job.backend.cancelable ? [stopped, refused, job.over] : [stopped, job.over];
}

/**
 * Sends a paid request, and again where the server says that it has started nothing and may do so later. `endsAt` is when the
 * time for starting is over, counted from the first try.
 */
export async function sendPatiently<T>(
  job: Job,
  context: OperationContext,
  send: (endsAt: number) => Promise<T>,
): Promise<T> {
  const { timers, settings, startedAt, pausedUntil } = context;
  const { name } = job.backend;
  const wakes = wakesOf(job, context);
  const endsAt = timers.now() + settings.limits.submitMs;
  const givenUpAt = Math.min(endsAt, startedAt + (settings.timeoutMs ?? Infinity));
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(endsAt);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind !== 'rate-limited' || wakes.some(({ aborted }) => aborted)) throw failure;
      const askedMs = askedPauseOf(failure, timers.now());
      const until = timers.now() + pauseOf(askedMs, attempt);
      if (until > givenUpAt) throw askedMs === undefined ? failure : failure.withAdvice(tooLong(askedMs));
      if (until > (pausedUntil.get(name) ?? 0)) {
        pausedUntil.set(name, until);
        context.warn('waiting', waitingMessage(failure, until - timers.now()));
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
