import type {
  BackendName,
  Billing,
  CancelOutcome,
  Clock,
  ClockTimer,
  Operation,
  OperationOptions,
} from '../../src/index.js';
import type { EmulatorOptions, Fault, JobRecord, Route } from '../../src/testing/index.js';
import { setup, type Setup } from '../support/setup.js';

export const outcomes = [
  'not-started',
  'cancelled',
  'partially-cancelled',
  'completed-anyway',
  'failed-anyway',
  'not-cancelable',
  'unconfirmed',
] as const satisfies readonly CancelOutcome[];

/** All that the suite has to know of one backend on one host. */
export interface Driver {
  /** A row of the table. */
  readonly name: string;
  readonly backend: BackendName;
  /** The backend of a job that was not sent, where the server's refusal changes it. */
  readonly firstBackend?: BackendName;
  readonly cancelable: boolean;
  /** The server refuses reads and cancels as long as a job runs. */
  readonly refusesWhileRunning?: boolean;
  readonly vertex: boolean;
  /** The routes that its requests take in the emulator. */
  readonly routes: { readonly create: Route; readonly cancel?: Route; readonly read?: Route; readonly stream?: Route };
  /** When to stop, in ms after the start. */
  readonly times: {
    /** In the queue of the server; left out where there is none. */
    readonly queuedMs?: number;
    /** The first image is being made. */
    readonly runningMs: number;
    /** Of the jobs of `two` the first has been made, the second not. */
    readonly firstDoneMs: number;
  };
  /** How many images make two jobs, or two items of one job. */
  readonly two: number;
  /** A cancel that the server has taken is not sent a second time. */
  readonly cancelsOnce?: boolean;
  /** The documented cost of a cancelled job. @default 'unknown' */
  readonly cancelledCost?: Billing['expectation'];
  readonly emulator?: EmulatorOptions;
  /** The jobs of the meter that cost money: an item of a batch is none. */
  readonly jobsOf: (jobs: readonly JobRecord[]) => readonly JobRecord[];
  /** Starts the job without the library, where `start` attaches to it. */
  readonly startElsewhere?: (scene: Scene, numberOfImages: number) => Promise<void>;
  /** Puts what the operation needs into place, and starts it. */
  start(scene: Scene, numberOfImages: number, options?: OperationOptions): Operation;
  /** Why an outcome cannot come about: the cell of the table. */
  readonly unreachable: Partial<Record<CancelOutcome, string>>;
}

/** The library on its own count of timers, so that they can be told from the emulator's. */
export interface Scene extends Setup {
  readonly timersOfLibrary: () => number;
}

/** Starts the operation of a scene. */
export async function startOn(
  driver: Driver,
  scene: Scene,
  numberOfImages: number,
  options?: OperationOptions,
): Promise<Operation> {
  await driver.startElsewhere?.(scene, numberOfImages);
  return driver.start(scene, numberOfImages, options);
}

export function sceneOf(driver: Driver, faults: readonly Fault[] = []): Scene {
  const clock = new CountingClock();
  const all = setup({ emulator: { ...driver.emulator, faults }, client: { clock }, vertex: driver.vertex });
  clock.source = all.clock;
  return { ...all, timersOfLibrary: () => clock.pending.size };
}

class CountingClock implements Clock {
  source: Clock | undefined;
  readonly pending = new Set<ClockTimer>();

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, delayMs: number): ClockTimer {
    const timer = this.#clock.setTimeout(() => {
      this.pending.delete(timer);
      callback();
    }, delayMs);
    this.pending.add(timer);
    return timer;
  }

  clearTimeout(timer: ClockTimer): void {
    this.pending.delete(timer);
    this.#clock.clearTimeout(timer);
  }

  get #clock(): Clock {
    if (this.source === undefined) throw new Error('The clock has not been set yet.');
    return this.source;
  }
}
