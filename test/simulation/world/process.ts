import { GoogleGenAI } from '@google/genai';
import type { CloudStorage } from '../../../src/api/cloud-storage.js';
import { createCancelable } from '../../../src/client/cancelable.js';
import type { CancelableImages } from '../../../src/client/cancelable-images.js';
import type { Journal } from '../../../src/api/journal.js';
import { memoryJournal } from '../../../src/journal/memory.js';
import type { ProcessSignal } from '../../../src/api/report.js';
import { SimulatedHost } from './host.js';
import { journalOf, type StoreFault } from './journal.js';
import { Life } from './life.js';
import type { Moment } from './calls.js';
import { checkLastWords } from '../invariants/last-words.js';
import { checkNames } from '../invariants/named.js';
import type { Simulation } from './simulation.js';
import type { LastWords } from './told.js';
import { storageOf } from './storage.js';
import { wireOf } from './wire.js';

/** A process that uses the library. */
export class SimulatedProcess {
  readonly pid: number;
  readonly life: Life;
  readonly journal: Journal;
  readonly host: SimulatedHost;
  readonly storage: CloudStorage;
  isClosed = false;
  /** The first signal that it is to die of. */
  press: (Moment & { readonly signal: ProcessSignal; isForced: boolean }) | undefined;
  death: (Moment & { readonly how: 'killed' | 'signal' | 'exit' }) | undefined;
  /** A call of its journal has failed: its lease may have run out, and what waits for the journal may wait for ever. */
  hasBadStore = false;
  readonly #simulation: Simulation;
  readonly #images = new Map<boolean, CancelableImages>();
  #refusals = 0;
  #storeFault: StoreFault | undefined;
  #storeFaults = 0;
  #storageFaults = 0;
  /** Cloud Storage has denied something. */
  hasBadStorage = false;

  constructor(simulation: Simulation, pid: number) {
    this.#simulation = simulation;
    this.pid = pid;
    this.life = new Life(simulation.clock);
    const { clock, entries, leaseMs } = simulation;
    this.journal = journalOf(simulation, this, memoryJournal({ clock, entries, leaseMs }));
    this.host = new SimulatedHost({ die: (how, words) => this.#die(how, words) });
    this.storage = storageOf(simulation, this);
  }

  get isAlive(): boolean {
    return this.life.state === 'running';
  }

  /** All clients that it has used. */
  get clients(): readonly CancelableImages[] {
    return [...this.#images.values()];
  }

  /** Its client for the Gemini API, or for Vertex. */
  images(vertex: boolean): CancelableImages {
    const existing = this.#images.get(vertex);
    if (existing !== undefined) return existing;
    const fetch = wireOf(this.#simulation, this, vertex);
    const credentials = vertex
      ? {
          vertexai: true,
          project: 'a-project',
          location: 'global',
          googleAuthOptions: { authClient: fakeAuthClient() },
        }
      : { apiKey: 'a-key' };
    const client = new GoogleGenAI({ ...credentials, httpOptions: { fetch } } as ConstructorParameters<
      typeof GoogleGenAI
    >[0]);
    const images = createCancelable(this.host)(client, { clock: this.life.clock(), journal: this.journal });
    this.#images.set(vertex, images);
    return images;
  }

  /** A process signal. `isOwned`: the application listens to it. */
  signal(signal: ProcessSignal, isOwned: boolean): void {
    if (this.host.isDeaf) {
      if (!isOwned) this.kill();
      return;
    }
    if (!isOwned && this.press !== undefined) this.press.isForced = true;
    else if (!isOwned) this.press = { ...this.#simulation.moment(), signal, isForced: false };
    this.host.press(signal, isOwned);
  }

  /** As by `process.exit()`. */
  exit(): void {
    this.host.exit();
  }

  /** As by SIGKILL. */
  kill(): void {
    this.#end('killed');
  }

  #die(how: 'signal' | 'exit', words: LastWords): void {
    if (this.life.state === 'dead') return;
    this.#simulation.told.bySaying(words);
    checkLastWords(this.#simulation, this, how, words);
    this.#end(how);
  }

  #end(how: 'killed' | 'signal' | 'exit'): void {
    if (this.life.state === 'dead') return;
    this.death = { ...this.#simulation.moment(), how };
    this.#simulation.tally.count('death', how);
    this.#simulation.note(() => `${this.pid} dies: ${how}`);
    this.life.kill();
    checkNames(this.#simulation, this);
  }

  /** The next so many connections are refused. */
  refuse(times: number): void {
    this.#refusals += times;
  }

  takeRefusal(): boolean {
    if (this.#refusals === 0) return false;
    this.#refusals--;
    this.#simulation.tally.count('fault', 'refused connection');
    return true;
  }

  /** The next so many calls of its journal fail. */
  failStore(fault: StoreFault, times: number): void {
    [this.#storeFault, this.#storeFaults] = [fault, times];
  }

  takeStoreFault(): StoreFault | undefined {
    if (this.#storeFaults === 0) return undefined;
    this.#storeFaults--;
    this.hasBadStore = true;
    this.#simulation.suspected.add(this.pid);
    return this.#storeFault;
  }

  /** The next so many calls of Cloud Storage fail. */
  failStorage(times: number): void {
    this.#storageFaults = times;
  }

  takeStorageFault(): boolean {
    if (this.#storageFaults === 0) return false;
    this.#storageFaults--;
    this.hasBadStorage = true;
    this.#simulation.tally.count('fault', 'storage denies');
    return true;
  }

  heal(): void {
    this.#refusals = 0;
    this.#storeFaults = 0;
    this.#storageFaults = 0;
  }
}

function fakeAuthClient(): object {
  return { getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer a-token' })) };
}
