import type { MemoryJournalEntry } from '../../../src/journal/memory.js';
import type { SimulatedClock } from '../world/clock.js';
import type { SimulatedProcess } from '../world/process.js';
import type { SimulatedServer } from '../world/server.js';
import type { Simulation } from '../world/simulation.js';
import type { Told } from '../world/told.js';
import type { Tracked } from '../world/tracked.js';

/** A process: of those that are dead the torture test knows no more than that. */
export type ProcessEvidence = Pick<SimulatedProcess, 'pid' | 'isAlive' | 'death' | 'press'> & {
  readonly life: Pick<SimulatedProcess['life'], 'state' | 'awakeBy'>;
};

/** A handle, as far as the end of a run needs it. */
export type HandleEvidence = Pick<
  Tracked,
  | 'label'
  | 'origin'
  | 'root'
  | 'names'
  | 'initialJobs'
  | 'images'
  | 'settled'
  | 'isSettled'
  | 'isStopped'
  | 'caller'
  | 'receipts'
  | 'hasHandedOver'
  | 'isConcernedBy'
> & {
  readonly operation: Pick<Tracked['operation'], 'id' | 'jobs'>;
  readonly process: ProcessEvidence;
};

/**
 * All that was seen when a run is over. A simulation is evidence; so is what `npm run torture` gathers from processes that
 * were really killed. Invariants that take it judge both.
 */
export interface Evidence extends Pick<Simulation, 'calls' | 'roots' | 'rootNumbered' | 'suspected' | 'violated'> {
  readonly clock: Pick<SimulatedClock, 'now'>;
  readonly server: Pick<SimulatedServer, 'work' | 'jobNamed'>;
  readonly told: Pick<Told, 'names' | 'isInDoubt'>;
  readonly entries: ReadonlyMap<string, Pick<MemoryJournalEntry, 'text'>>;
  readonly processes: readonly ProcessEvidence[];
  readonly handles: readonly HandleEvidence[];
}
