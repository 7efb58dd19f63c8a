import { GoogleGenAI } from '@google/genai';
import {
  cancelable,
  memoryJournal,
  type CancelableImages,
  type CancelableOptions,
  type Journal,
} from '../../src/index.js';
import type { MemoryJournalEntry } from '../../src/journal/memory.js';
import { readJournal, type JournalContents } from '../../src/journal/read.js';
import {
  createEmulator,
  createVirtualClock,
  type Clock,
  type Emulator,
  type EmulatorOptions,
  type VirtualClock,
} from '../../src/testing/index.js';
import { QUEUE_MS, WORK_MS } from './setup.js';

export const LEASE_MS = 30_000;

/** A process that uses the library, as far as the world can tell. */
export interface TestProcess {
  readonly images: CancelableImages;
  readonly journal: Journal;
  /** As by SIGKILL: from here on nothing of it reaches the server or the journal, and nothing reaches it. */
  kill(): void;
  /** As by a laptop's lid: nothing happens until it wakes up; then what was due happens at once. */
  freeze(): () => void;
}

/** One server, one journal, and processes that come and go. */
export interface Machine {
  readonly clock: VirtualClock;
  readonly emulator: Emulator;
  readonly entries: Map<string, MemoryJournalEntry>;
  start(options?: CancelableOptions): TestProcess;
  /** Reads the journal from outside. */
  read(): Promise<JournalContents>;
}

export function createMachine(options: EmulatorOptions = {}): Machine {
  const clock = createVirtualClock();
  const emulator = createEmulator({ clock, queueMs: QUEUE_MS, workMs: WORK_MS, ...options });
  const entries = new Map<string, MemoryJournalEntry>();
  const open = (): Journal => memoryJournal({ clock, entries, leaseMs: LEASE_MS });
  return {
    clock,
    emulator,
    entries,
    read: () => readJournal(open()),
    start(options = {}) {
      const life = new Life();
      const journal = life.journal(options.journal === false ? open() : (options.journal ?? open()));
      const fetch: typeof globalThis.fetch = (...args) =>
        life.through(async () => life.respond(await emulator.fetch(...args)));
      const ai = new GoogleGenAI({ apiKey: 'a-key', httpOptions: { fetch } });
      const mine = options.journal === false ? false : journal;
      const images = cancelable(ai, { ...options, clock: life.clock(clock), journal: mine });
      return { images, journal, kill: () => life.kill(), freeze: () => life.freeze() };
    },
  };
}

/** Holds back what goes in and out of a process that is frozen, for ever if it is dead. */
class Life {
  #thawed: Promise<void> | undefined;

  kill(): void {
    this.#thawed = new Promise(() => undefined);
  }

  freeze(): () => void {
    let thaw = (): void => undefined;
    this.#thawed = new Promise<void>((resolve) => {
      thaw = () => {
        this.#thawed = undefined;
        resolve();
      };
    });
    return () => thaw();
  }

  async through<T>(call: () => Promise<T>): Promise<T> {
    await this.#thawed;
    const answer = await call();
    await this.#thawed;
    return answer;
  }

  /** Holds back what a server streams meanwhile. */
  respond(response: Response): Response {
    const { body, status, headers } = response;
    if (body === null) return response;
    const gate = new TransformStream<Uint8Array, Uint8Array>({
      transform: async (chunk, controller) => {
        await this.#thawed;
        controller.enqueue(chunk);
      },
    });
    return new Response(body.pipeThrough(gate), { status, headers });
  }

  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      setTimeout: (callback, delayMs) =>
        clock.setTimeout(() => {
          if (this.#thawed === undefined) callback();
          else void this.#thawed.then(callback);
        }, delayMs),
      clearTimeout: (timer) => clock.clearTimeout(timer),
    };
  }

  journal(journal: Journal): Journal {
    return {
      leaseMs: journal.leaseMs,
      add: (...args) => this.through(() => journal.add(...args)),
      write: (...args) => this.through(() => journal.write(...args)),
      renew: (...args) => this.through(() => journal.renew(...args)),
      release: (...args) => this.through(() => journal.release(...args)),
      remove: (...args) => this.through(() => journal.remove(...args)),
      list: () => this.through(() => journal.list()),
      claim: (...args) => this.through(() => journal.claim(...args)),
    };
  }
}
