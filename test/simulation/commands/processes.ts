import fc, { type Arbitrary } from 'fast-check';
import type { SimulatedProcess } from '../world/process.js';
import type { Simulation } from '../world/simulation.js';
import { pick, SimulatedCommand } from './command.js';

type Fate = 'killed' | 'exits' | 'frozen' | 'thawed';

/** SIGKILL, `process.exit()`, the lid of a laptop, and its opening. */
class Happens extends SimulatedCommand {
  readonly kind: string;
  readonly #fate: Fate;
  readonly #target: number;

  constructor(fate: Fate, target: number, after: number) {
    super(after);
    this.#fate = fate;
    this.#target = target;
    this.kind = fate === 'exits' ? 'a process exits' : `a process is ${fate}`;
  }

  protected override applies(simulation: Simulation): boolean {
    return this.#process(simulation) !== undefined;
  }

  protected act(simulation: Simulation): void {
    const process = this.#process(simulation);
    if (process === undefined) return;
    if (this.#fate === 'killed') process.kill();
    else if (this.#fate === 'exits') process.exit();
    else if (this.#fate === 'frozen') process.life.freeze();
    else thaw(simulation, process);
  }

  protected describe(): string {
    return `process ${this.#target} is ${this.#fate}`;
  }

  #process(simulation: Simulation): SimulatedProcess | undefined {
    const wanted = this.#fate === 'thawed' ? 'frozen' : 'running';
    return pick(
      simulation.processes.filter(({ life: { state } }) => state === wanted),
      this.#target,
    );
  }
}

export function thaw(simulation: Simulation, { pid, life }: SimulatedProcess): void {
  life.thaw();
  const { from = 0, to = 0 } = life.freezes.at(-1) ?? {};
  if (to - from >= simulation.leaseMs / 2) simulation.suspected.add(pid);
}

export function processes(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const fate = fc.constantFrom<Fate[]>('killed', 'killed', 'exits', 'frozen', 'frozen', 'thawed', 'thawed');
  return fc.tuple(fate, fc.nat(2), after).map(([fate, target, after]) => new Happens(fate, target, after));
}
