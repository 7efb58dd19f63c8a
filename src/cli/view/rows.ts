import type { OperationEvent } from '../../operation/events.js';
import type { JobSnapshot, JobState } from '../../operation/job-snapshot.js';
import type { Tone } from './paint.js';
import type { Scene } from './view.js';

/** Where one image stands, as people read it. */
export interface Row {
  readonly index: number;
  readonly word: string;
  readonly tone: Tone;
  readonly name: string | undefined;
  readonly ended: boolean;
  readonly elapsedMs: number;
}

const words = {
  waiting: ['waiting', 'quiet'],
  submitting: ['being sent', 'quiet'],
  queued: ['queued', 'quiet'],
  running: ['running', 'active'],
  succeeded: ['running', 'active'],
  failed: ['failed', 'bad'],
  cancelled: ['cancelled', 'quiet'],
  'not-started': ['not started', 'bad'],
  unknown: ['unknown', 'bad'],
} as const satisfies Record<JobState, readonly [string, Tone]>;

const ended: readonly JobState[] = ['failed', 'cancelled', 'not-started', 'unknown'];

/** Keeps what the jobs themselves do not tell: when each ended, whether a completed one has made an image. */
export class Rows {
  readonly #scene: Scene;
  readonly #startedAt: number;
  readonly #endedAt = new Map<number, number>();
  readonly #refused = new Set<number>();
  #cancelling = false;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#startedAt = scene.now();
  }

  /** Takes note of an event before the rows are looked at. */
  note({ type }: OperationEvent): void {
    this.#cancelling ||= type === 'cancelling';
    // A refusal has no event of its own; an image would have come before its progress.
    if (type !== 'progress' && type !== 'settled') return;
    for (const { index, state } of this.#scene.jobs()) {
      if (state === 'succeeded' && !this.#scene.deliveries.has(index)) this.#refused.add(index);
    }
  }

  look(): Row[] {
    return this.#scene.jobs().map((job) => this.#rowOf(job));
  }

  #rowOf(job: JobSnapshot): Row {
    const [word, tone, isEnded] = this.#describe(job);
    if (isEnded && !this.#endedAt.has(job.index)) this.#endedAt.set(job.index, this.#scene.now());
    const until = this.#endedAt.get(job.index) ?? this.#scene.now();
    return { index: job.index, word, tone, name: job.name, ended: isEnded, elapsedMs: until - this.#startedAt };
  }

  #describe({ index, state }: JobSnapshot): readonly [string, Tone, boolean] {
    const delivery = this.#scene.deliveries.get(index);
    if (delivery !== undefined) return delivery.problem === undefined ? ['done', 'good', true] : ['lost', 'bad', true];
    if (this.#refused.has(index)) return ['refused', 'bad', true];
    if (ended.includes(state)) return [...words[state], true];
    return this.#cancelling ? ['cancelling', 'active', false] : [...words[state], false];
  }
}
