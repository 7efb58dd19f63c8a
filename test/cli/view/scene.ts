import type { Delivery } from '../../../src/cli/folder.js';
import { Output } from '../../../src/cli/output.js';
import type { Screen } from '../../../src/cli/surroundings.js';
import type { Scene } from '../../../src/cli/view/rows.js';
import type { JobSnapshot, JobState, OperationEvents } from '../../../src/exports.js';

/** A scene that a test sets, a clock that it turns, and what was written. */
export class Stage implements Scene {
  readonly deliveries = new Map<number, Delivery>();
  results = '';
  messages = '';
  time = 0;
  #jobs: JobSnapshot[];

  /** With these jobs, or with so many that wait. */
  constructor(jobs: number | readonly JobSnapshot[]) {
    this.#jobs =
      typeof jobs === 'number'
        ? Array.from({ length: jobs }, (_, index) => ({ index, backend: 'interactions', state: 'waiting' }))
        : [...jobs];
  }

  readonly jobs = (): readonly JobSnapshot[] => this.#jobs;
  readonly now = (): number => this.time;
  readonly serverFlags = '';

  readonly stdout = { write: (text: string) => (this.results += text) };
  readonly stderr = { write: (text: string) => (this.messages += text) };

  /** The outputs of a command that says it here. */
  outputOn(stderr: Partial<Screen> = {}, env: Record<string, string> = {}): Output {
    return new Output({ stdin: process.stdin, stdout: this.stdout, stderr: { ...this.stderr, ...stderr }, env });
  }

  /** Puts the jobs into these states, in order; each is called `interactions/<letter>` once the server has it. */
  become(...states: JobState[]): void {
    this.#jobs = this.#jobs.map((job, index) => {
      const state = states[index] ?? job.state;
      const named = !['waiting', 'submitting', 'not-started'].includes(state);
      return { ...job, state, ...(named ? { name: `interactions/${'abcdefgh'.charAt(index)}` } : {}) };
    });
  }

  fail(index: number, state: JobState, message: string): void {
    this.become(...this.#jobs.map((job) => (job.index === index ? state : job.state)));
    this.#jobs = this.#jobs.map((job) => (job.index === index ? { ...job, error: new Error(message) } : job));
  }

  deliver(index: number, delivery: Partial<Delivery> = { path: `out/image-${index + 1}.png` }): void {
    this.deliveries.set(index, { index, image: { imageBytes: 'AAAA', mimeType: 'image/png' }, ...delivery });
  }

  /** Returns the lines that were written to stderr since the last call. */
  said(): string[] {
    const lines = this.messages.split('\n').slice(0, -1);
    this.messages = '';
    return lines;
  }
}

export const progress = { type: 'progress', at: 0, completed: 1, total: 2, elapsedMs: 0 } as const;
export const submitted = { type: 'submitted', at: 0, jobs: [] } as const;
export const image = (index: number) => ({ type: 'image', at: 0, index, image: {} }) as const;
export const cancelling = { type: 'cancelling', at: 0, trigger: 'SIGINT', reason: undefined } as const;
export const warning = (code: OperationEvents['warning']['code'], message: string) =>
  ({ type: 'warning', at: 0, code, message }) as const;
export const settled = (payload: Partial<OperationEvents['settled']> = {}) =>
  ({ type: 'settled', at: 0, state: 'succeeded', ...payload }) as const;
