import type { PreparedCancel } from '../google/port.js';
import type { TrackConnection } from './job/context.js';
import type { CancelReport, Leftover, ProcessSignal } from '../api/report.js';

/** What a host may do with an operation in flight. */
export interface ExitParticipant {
  /** The process signals that stop it. */
  readonly signals: readonly ProcessSignal[];
  /** How long the exit of the process may be held up for its cancel calls, in ms. 0: not at all. */
  readonly exitMs: number;
  /** Somebody listens for its end and says what is to be said; else the host does. */
  readonly hasAudience: boolean;
  /** Stops it. The cancel calls have been handed to the SDK when this returns. */
  stop(trigger: ProcessSignal): Promise<CancelReport>;
  /** What may still be running at this moment, and the commands that stop it. */
  leftovers(): readonly Leftover[];
  /** The cancel calls of its named jobs that no server has acknowledged yet. */
  pendingCancels(): readonly PreparedCancel[];
}

/** One operation's place in the host. */
export interface ExitRegistration {
  /**
   * The operation has ended and said so. If the process is about to die of a signal, the answer is a promise to wait for
   * before any caller hears of the end: their code would start its next paid image.
   */
  settled(report: CancelReport | undefined): Promise<void> | undefined;
  /** Signals and the exit of the process leave the operation alone from here on. */
  release(): void;
}

/** What the runtime adds to the core: under Node's conditions, process signals and the exit path. */
export interface Platform {
  /** Whether it sends the cancel calls of what is in flight when the process exits. */
  readonly cancelsOnExit: boolean;
  /** Throws a `TypeError` for a process signal that the system does not have. */
  checkSignals(signals: false | readonly ProcessSignal[] | undefined): void;
  /** A promise while nothing new may be sent because the process is being stopped. */
  admission(): Promise<void> | undefined;
  register(operation: ExitParticipant): ExitRegistration;
  /** Makes a request whose connection is put under `add`, so that it does not keep the process alive by itself. */
  readonly track: TrackConnection;
}

/** Browsers, workers and anything else without process signals. */
export const plainPlatform: Platform = {
  cancelsOnExit: false,
  checkSignals: () => undefined,
  admission: () => undefined,
  register: () => ({ settled: () => undefined, release: () => undefined }),
  track: (request) => request(),
};
