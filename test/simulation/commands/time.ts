import fc, { type Arbitrary } from 'fast-check';
import type { Simulation } from '../world/simulation.js';
import { SimulatedCommand } from './command.js';

/** Time passes, with all that happens in it. */
class Wait extends SimulatedCommand {
  readonly kind = 'let time pass';
  readonly #ms: number;

  constructor(ms: number, after: number) {
    super(after);
    this.#ms = ms;
  }

  protected act(simulation: Simulation): Promise<void> {
    return simulation.driver.pass(this.#ms);
  }

  protected describe(): string {
    return `${this.#ms} ms pass`;
  }
}

/** Time passes, and nothing gets through. */
class Stall extends SimulatedCommand {
  readonly kind = 'the network stands still';
  readonly #ms: number;

  constructor(ms: number, after: number) {
    super(after);
    this.#ms = ms;
  }

  protected async act(simulation: Simulation): Promise<void> {
    const stall = { from: simulation.clock.now(), to: Infinity };
    simulation.stalls.push(stall);
    await simulation.driver.pass(this.#ms, true);
    stall.to = simulation.clock.now();
    // A lease cannot be renewed meanwhile: for others its owner might as well be dead.
    if (this.#ms < simulation.leaseMs / 2) return;
    for (const { pid } of simulation.processes) simulation.suspected.add(pid);
  }

  protected describe(): string {
    return `${this.#ms} ms pass, in which nothing gets through`;
  }
}

/** So many answers come. */
class Deliver extends SimulatedCommand {
  readonly kind = 'let answers through';

  protected act(): void {
    // They have been let through.
  }

  protected describe(): string {
    return 'nothing else';
  }
}

export function wait(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const ms = fc.constantFrom(0, 1, 100, 500, 1_000, 2_000, 4_100, 10_000, 31_000, 120_000);
  return fc.tuple(ms, after).map(([ms, after]) => new Wait(ms, after));
}

export function stall(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const ms = fc.constantFrom(100, 1_000, 2_500, 9_000, 16_000, 45_000);
  return fc.tuple(ms, after).map(([ms, after]) => new Stall(ms, after));
}

export function deliver(): Arbitrary<SimulatedCommand> {
  return fc.integer({ min: 1, max: 40 }).map((after) => new Deliver(after));
}
