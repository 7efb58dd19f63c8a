import fc, { type Arbitrary } from 'fast-check';
import type { SimulatedProcess } from '../world/process.js';
import type { Simulation } from '../world/simulation.js';
import { pick, SimulatedCommand } from './command.js';

type Fate = 'killed' | 'exits' | 'frozen' | 'thawed' | 'deaf';

/** SIGKILL, `process.exit()`, the lid of a laptop, its opening, and `process.removeAllListeners()`. */
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
    else if (this.#fate === 'deaf') process.host.isDeaf = true;
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

/** The wall clock of a process is set, as by NTP. */
class Jump extends SimulatedCommand {
  readonly kind = 'a clock jumps';
  readonly #target: number;
  readonly #offMs: number;

  constructor(target: number, offMs: number, after: number) {
    super(after);
    this.#target = target;
    this.#offMs = offMs;
  }

  protected act({ processes }: Simulation): void {
    const living = processes.filter(({ isAlive }) => isAlive);
    pick(living, this.#target)?.life.setClock(this.#offMs);
  }

  protected describe(): string {
    return `the clock of process ${this.#target} is ${this.#offMs} ms off`;
  }
}

export function thaw(simulation: Simulation, { pid, life }: SimulatedProcess): void {
  life.thaw();
  const { from = 0, to = 0 } = life.freezes.at(-1) ?? {};
  if (to - from >= simulation.leaseMs / 2) simulation.suspected.add(pid);
}

export function processes(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const fate = fc.constantFrom<Fate[]>('killed', 'killed', 'exits', 'frozen', 'frozen', 'thawed', 'thawed', 'deaf');
  const offMs = fc.constantFrom(-1_800_000, -60_000, 60_000, 1_800_000);
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fate, fc.nat(2), after).map((args) => new Happens(...args)) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(2), offMs, after).map((args) => new Jump(...args)) },
  );
}
