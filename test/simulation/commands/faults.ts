import fc, { type Arbitrary } from 'fast-check';
import { addFault } from '../../../src/testing/fault-book.js';
import type { Fault } from '../../../src/testing/faults.js';
import type { StoreFault } from '../world/journal.js';
import type { Simulation } from '../world/simulation.js';
import { pick, SimulatedCommand } from './command.js';
import { someFaults } from './fault-arbitraries.js';

class AddFault extends SimulatedCommand {
  readonly kind = 'add a fault';
  readonly #faults: readonly Fault[];

  constructor(given: readonly Fault[], after: number) {
    super(after);
    this.#faults = given;
  }

  protected act(simulation: Simulation): void {
    for (const one of this.#faults) addFault(simulation.server, one);
  }

  protected describe(): string {
    return `fault ${this.#faults.map((one) => JSON.stringify(one)).join(' and ')}`;
  }
}

/** The faults outside of the server: of connections, the journal and Cloud Storage. */
type Local = StoreFault | 'refuse' | 'storage';

const KINDS = { refuse: 'connections are refused', storage: 'Cloud Storage fails' } as const;

/** A fault of something else than the server. */
class LocalFault extends SimulatedCommand {
  readonly kind: string;
  readonly #what: Local;
  readonly #process: number;
  readonly #times: number;

  constructor(what: Local, process: number, times: number, after: number) {
    super(after);
    this.#what = what;
    this.#process = process;
    this.#times = times;
    this.kind = what === 'refuse' || what === 'storage' ? KINDS[what] : 'the journal fails';
  }

  protected override applies(simulation: Simulation): boolean {
    return simulation.processes.some(({ isAlive }) => isAlive);
  }

  protected act(simulation: Simulation): void {
    const process = pick(
      simulation.processes.filter(({ isAlive }) => isAlive),
      this.#process,
    );
    if (this.#what === 'refuse') process?.refuse(this.#times);
    else if (this.#what === 'storage') process?.failStorage(this.#times);
    else process?.failStore(this.#what, this.#times);
  }

  protected describe(): string {
    return `${this.kind}, ${this.#times} times in process ${this.#process}: ${this.#what}`;
  }
}

class Heal extends SimulatedCommand {
  readonly kind = 'heal the server';

  protected act(simulation: Simulation): void {
    heal(simulation);
  }

  protected describe(): string {
    return 'all faults end';
  }
}

/** No fault strikes any more. What it has done stays. */
export function heal({ server, processes }: Simulation): void {
  for (const record of server.meter.faults) (record as { active: boolean }).active = false;
  for (const process of processes) process.heal();
}

export function faults(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const what = fc.constantFrom<Local[]>('refuse', 'refuse', 'reject', 'reject-after', 'hang', 'storage');
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(someFaults, after).map(([given, after]) => new AddFault(given, after)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(what, fc.nat(2), fc.integer({ min: 1, max: 4 }), after)
        .map((args) => new LocalFault(...args)),
    },
    { weight: 1, arbitrary: after.map((after) => new Heal(after)) },
  );
}
