import type { CallFailure } from '../../google/failures.js';
import type { AwakeTime } from './awake-time.js';
import type { OperationContext } from './context.js';
import type { WorkLength } from './crowd.js';
import type { CancelableJob } from './job.js';
import { askedPauseOf } from './send.js';

/** Ages of a job at the first reads: what is refused or fails at once is seen soon. */
const FIRST_READ_MS = 250;
const FIRST_READS_MS = [FIRST_READ_MS, 500, 1_000];
/** First reads that come sooner than this part of the known length are left out. */
const SOONEST = 0.1;
/** An end is seen at most so late, as a part of the work's length, or by the shortest pause. */
const LATENESS = 0.045;
const SHORTEST_PAUSE_MS = 250;
/** Part of a pause that is left to chance, so that processes do not read as one. */
const JITTER = 0.1;
/** Between reads of a job whose end is told by a webhook. The pauses grow with the time. */
const SHORTEST_HINTED_PAUSE_MS = 2_000;
const LONGEST_HINTED_PAUSE_MS = 19 * 60_000;

/** The pace of the status reads of one job, where it has no stream. */
export class PollPace {
  readonly #job: CancelableJob;
  readonly #context: OperationContext;
  readonly #awake: AwakeTime;
  /** A webhook tells its end. */
  readonly #isHinted: boolean;
  /** It has just been started, and is no batch, which takes its time. */
  readonly #hasKnownAge: boolean;
  /** Age of the job when it was last seen to run. */
  #ranForMs = 0;
  /** Pause that the server has asked for with its last answer. */
  #askedMs = 0;

  constructor(job: CancelableJob, context: OperationContext, awake: AwakeTime, isNew: boolean) {
    this.#job = job;
    this.#context = context;
    this.#awake = awake;
    this.#isHinted = context.settings.webhook !== undefined;
    this.#hasKnownAge = isNew && job.backend.stream !== undefined && !this.#isHinted;
  }

  /** Tells whether a read would come too soon: the server has asked for a pause, or the job has just been started. */
  get isEarly(): boolean {
    return this.#askedMs > 0 || (this.#hasKnownAge && this.#awake.ms < FIRST_READ_MS);
  }

  /** Keeps the pause that the server asks for with a failure. */
  heed(failure: CallFailure): void {
    const { settings, timers } = this.#context;
    this.#askedMs = Math.min(askedPauseOf(failure, timers.now()) ?? 0, settings.limits.watchMs);
  }

  /** Returns a pause that is no shorter than the server has asked for. */
  heeded(pauseMs: number): number {
    const askedMs = this.#askedMs;
    this.#askedMs = 0;
    return Math.max(askedMs, pauseMs);
  }

  /**
   * Returns the pause before the next read: at most `pollMs`, and that where the age of the job is unknown. Where an earlier
   * job of the model tells the length, the reads come close together from the likely end on. With a webhook they are rare.
   */
  pauseMs(pollMs: number): number {
    const ageMs = this.#awake.ms;
    if (this.#isHinted && !this.#job.needsOutput)
      return Math.min(Math.max(pollMs, SHORTEST_HINTED_PAUSE_MS, ageMs / 2), LONGEST_HINTED_PAUSE_MS);
    const jittered = between(pollMs * (1 - JITTER), pollMs);
    if (!this.#hasKnownAge) return jittered;
    const length = this.#context.crowd.lengths.get(this.#job.backend.model);
    const soonestMs = SOONEST * (length?.fromMs ?? 0);
    const firstMs = FIRST_READS_MS.find((atMs) => atMs > ageMs && atMs >= soonestMs) ?? Infinity;
    return Math.min(firstMs - ageMs, length === undefined ? jittered : pauseToEndMs(ageMs, pollMs, length), pollMs);
  }

  /** Learns how long jobs of the model take. An event comes at the very end, a read some time after it. */
  learn(isOver: boolean, isEvent: boolean): void {
    if (!this.#hasKnownAge) return;
    const toMs = this.#awake.ms;
    if (isOver)
      this.#context.crowd.lengths.set(this.#job.backend.model, { fromMs: isEvent ? toMs : this.#ranForMs, toMs });
    else this.#ranForMs = toMs;
  }
}

/** Leads to the likely end by equal pauses, and goes on from there by short ones. */
function pauseToEndMs(ageMs: number, pollMs: number, { fromMs, toMs }: WorkLength): number {
  const closeMs = Math.max(SHORTEST_PAUSE_MS, LATENESS * Math.max(ageMs, fromMs));
  const leftMs = Math.min(fromMs + closeMs, toMs + SHORTEST_PAUSE_MS / 2) - ageMs;
  if (leftMs <= closeMs / 2) return closeMs;
  const pauses = Math.ceil(leftMs / pollMs);
  // Chance must not cost another read.
  return between(Math.max(leftMs - (pauses - 1) * pollMs, (leftMs / pauses) * (1 - JITTER)), leftMs / pauses);
}

const between = (fromMs: number, toMs: number): number => Math.round(fromMs + (toMs - fromMs) * Math.random());
