import type { Journal } from '../../../src/api/journal.js';
import { checkRemoval } from '../invariants/last-words.js';
import type { SimulatedProcess } from './process.js';
import type { Simulation } from './simulation.js';

/** How a store fails: what it was asked for may have happened all the same. */
export type StoreFault = 'reject' | 'reject-after' | 'hang';

/** The journal of a process: each call, and each answer, waits for its turn. */
export function journalOf(simulation: Simulation, process: SimulatedProcess, store: Journal): Journal {
  const through = async <T>(name: string, call: () => Promise<T>, takesEffect = true): Promise<T> => {
    const turn = async (what: string): Promise<void> => {
      await process.life.gate();
      await simulation.driver.turn(`${process.pid} ${what} journal.${name}`);
      await process.life.gate();
    };
    const fault = process.takeStoreFault();
    if (fault !== undefined) simulation.tally.count('fault', `journal ${fault}`);
    if (takesEffect) await turn('→');
    if (fault === 'hang') return new Promise(() => undefined);
    if (fault === 'reject') throw new Error('The store is away.');
    const answer = await call();
    await turn('←');
    if (fault === 'reject-after') throw new Error('The store is away.');
    return answer;
  };
  return {
    leaseMs: store.leaseMs,
    add: (...args) => through('add', () => store.add(...args)),
    write: (...args) => through('write', () => store.write(...args)),
    renew: (...args) => through('renew', () => store.renew(...args), false),
    release: (...args) => through('release', () => store.release(...args)),
    remove: async (claim) => {
      // The body of a `for await` runs a few microtasks after the iterator has yielded.
      for (let tick = 0; tick < 5; tick++) await Promise.resolve();
      if (process.life.state !== 'dead') checkRemoval(simulation, process, claim.id);
      return through('remove', () => store.remove(claim));
    },
    list: () => through('list', () => store.list(), false),
    claim: (...args) => through('claim', () => store.claim(...args)),
  };
}
