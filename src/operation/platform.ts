import type { PreparedCancel } from '../google/port.js';
import { Crowd } from './job/crowd.js';
import type { TrackConnection } from './job/context.js';
import type { ImageCounts, Leftover, ProcessSignal } from '../api/report.js';

/** An operation in flight, as its host sees it. */
export interface ExitParticipant {
  readonly signals: readonly ProcessSignal[];
  /** How long the exit of the process may be held up for its cancel calls, in ms. 0: not at all. */
  readonly exitMs: number;
  /** Somebody listens for its end and prints the outcome; else the host does. */
  readonly hasAudience: boolean;
  readonly hasReceiver: boolean;
  /**
   * Cancels it. The cancel calls have been handed to the SDK when this returns. Resolves when it has settled and, if the
   * process is going to die, when nothing more can be handed over in time.
   */
  shutDown(trigger: ProcessSignal, isFatal: boolean): Promise<void>;
  /** A promise to wait for before the process dies, if `onImage` is at work: an image may come after `shutDown()` resolved. */
  handingOver(): Promise<void> | undefined;
  /** The jobs at this moment, for what is printed. */
  progress(): ShutdownProgress;
  counts(): ImageCounts;
  leftovers(): readonly HostLeftover[];
  unclaimed(): readonly UnclaimedImages[];
  /** The cancel calls of its named jobs that no server has acknowledged yet. */
  pendingCancels(): readonly PreparedCancel[];
}

export interface ShutdownProgress {
  readonly cancelling: number;
  /** The create has no answer yet. The job that it names is cancelled then. */
  readonly unnamed: number;
  readonly uncancelable: number;
  readonly neverSent: number;
}

/** A job that may still be running, as the host names it. */
export interface HostLeftover extends Leftover {
  readonly howToFetch?: string;
  readonly isCancelable: boolean;
}

/** Finished images of one job that nobody has. */
export interface UnclaimedImages {
  readonly count: number;
  /** A listener or a promise of the caller's has delivered them, and may not have finished with them. */
  readonly isDelivered: boolean;
  /** The command that fetches them; `undefined` where they exist in this process only. */
  readonly howToFetch?: string;
  readonly name?: string;
}

/** One operation's place in the host. */
export interface ExitRegistration {
  /** A promise to wait for if the process is about to die: a caller who heard of the end would start the next image. */
  gate(): Promise<void> | undefined;
  /** Signals and the exit of the process leave the operation alone from here on. */
  release(): void;
}

/** Additions of the runtime: on Node, process signals and the exit path. */
export interface Platform {
  /** Whether it sends the cancel calls of what is in flight when the process exits. */
  readonly cancelsOnExit: boolean;
  /** Throws a `TypeError` for a process signal that the system does not have. */
  checkSignals(signals: false | readonly ProcessSignal[] | undefined): void;
  /** The reason why process signals cannot reach operations here; `undefined` where they can. */
  readonly noSignals?: string;
  /** A promise while nothing new may be sent because the process is being stopped. */
  admission(): Promise<void> | undefined;
  register(operation: ExitParticipant): ExitRegistration;
  /** Returns the crowd that the operations of a new client belong to. */
  crowd(): Crowd;
  /** Makes a request whose connection is put under `add`, so that it does not keep the process alive by itself. */
  readonly track: TrackConnection;
  /** Takes a line of debug output, where the runtime was asked for it. */
  readonly debug?: (message: string) => void;
}

/** Streams of one client where the number of descriptors is not known. */
const MAX_STREAMS = 200;

/** Browsers, workers and anything else without process signals. */
export const plainPlatform: Platform = {
  cancelsOnExit: false,
  checkSignals: () => undefined,
  admission: () => undefined,
  register: () => ({ gate: () => undefined, release: () => undefined }),
  crowd: () => new Crowd(MAX_STREAMS),
  track: (request) => request(),
};
