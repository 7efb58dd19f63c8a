import type { AsyncCommand } from 'fast-check';
import type { Simulation } from '../world/simulation.js';

/** Something that is done to the world, after so many answers have been let through. */
export abstract class SimulatedCommand implements AsyncCommand<Simulation, Simulation> {
  readonly after: number;

  constructor(after: number) {
    this.after = after;
  }

  /** One word, for the table. */
  abstract get kind(): string;
  /** Does it, without waiting for any answer. */
  protected abstract act(simulation: Simulation): void | Promise<void>;
  /** Describes the command in a counterexample. */
  protected abstract describe(): string;

  check(simulation: Readonly<Simulation>): boolean {
    return this.applies(simulation);
  }

  async run(_: Simulation, simulation: Simulation): Promise<void> {
    await simulation.driver.deliver(this.after);
    // The world may have changed meanwhile.
    if (!this.applies(simulation)) return;
    simulation.note(() => `— ${this.toString()}`);
    simulation.tally.count('command', this.kind);
    await this.act(simulation);
    await simulation.driver.settle();
  }

  toString(): string {
    return this.after === 0 ? this.describe() : `after ${this.after} answers: ${this.describe()}`;
  }

  /** Whether there is anything to do it to. */
  protected applies(simulation: Readonly<Simulation>): boolean {
    return simulation.violations.length === 0;
  }
}

/** One of a list by any number. */
export function pick<T>(list: readonly T[], number: number): T | undefined {
  return list.length === 0 ? undefined : list[number % list.length];
}
