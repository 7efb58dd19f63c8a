import fc, { type Arbitrary } from 'fast-check';
import type { RecoverPolicy } from '../../../src/journal/recover.js';
import type { OperationSnapshot } from '../../../src/operation/snapshot.js';
import type { SimulatedProcess } from '../world/process.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { pick, SimulatedCommand } from './command.js';

interface Target {
  readonly process: number;
  readonly handle: number;
  readonly after: number;
}

/** Something that one process does about an operation of any. */
abstract class ByAnother extends SimulatedCommand {
  protected readonly target: Target;

  constructor(target: Target) {
    super(target.after);
    this.target = target;
  }

  protected override applies(simulation: Simulation): boolean {
    return this.process(simulation) !== undefined && this.handle(simulation) !== undefined;
  }

  protected process(simulation: Simulation): SimulatedProcess | undefined {
    const { process } = this.target;
    // One more than there are is a new one.
    const living = simulation.processes.filter(({ isAlive, isClosed }) => isAlive && !isClosed);
    return living[process] ?? simulation.processes.find(({ isAlive, isClosed }) => isAlive && !isClosed);
  }

  protected handle(simulation: Simulation): Tracked | undefined {
    return pick(simulation.handles, this.target.handle);
  }
}

class Attach extends ByAnother {
  readonly kind: string = 'attach by snapshot';

  protected act(simulation: Simulation): void {
    const [process, handle] = [this.process(simulation), this.handle(simulation)];
    if (process === undefined || handle?.root === undefined) return;
    const snapshot = JSON.parse(JSON.stringify(handle.operation)) as OperationSnapshot;
    const operation = process.images(handle.root.vertex).attach(snapshot);
    simulation.track(process, operation, 'attach', handle.root);
  }

  protected describe(): string {
    return `process ${this.target.process} attaches to handle ${this.target.handle} by its snapshot`;
  }
}

/** By the name of the first job that has one. */
class AttachByName extends ByAnother {
  readonly kind = 'attach by name';

  protected override applies(simulation: Simulation): boolean {
    return super.applies(simulation) && (this.handle(simulation)?.names.length ?? 0) > 0;
  }

  protected act(simulation: Simulation): void {
    const [process, handle] = [this.process(simulation), this.handle(simulation)];
    const name = pick(handle?.names ?? [], this.target.handle);
    if (process === undefined || handle?.root === undefined || name === undefined) return;
    const operation = process.images(handle.root.vertex).attach(name);
    simulation.track(process, operation, 'by name', handle.root);
  }

  protected describe(): string {
    return `process ${this.target.process} attaches to a job of handle ${this.target.handle} by its name`;
  }
}

class CancelByName extends ByAnother {
  readonly kind = 'cancel by name';

  protected override applies(simulation: Simulation): boolean {
    return super.applies(simulation) && (this.handle(simulation)?.names.length ?? 0) > 0;
  }

  protected act(simulation: Simulation): void {
    const [process, handle] = [this.process(simulation), this.handle(simulation)];
    const name = pick(handle?.names ?? [], this.target.handle);
    if (process === undefined || handle?.root === undefined || name === undefined) return;
    simulation.expectAnswer(process, 'cancel(name)', process.images(handle.root.vertex).cancel(name));
  }

  protected describe(): string {
    return `process ${this.target.process} cancels a job of handle ${this.target.handle} by its name`;
  }
}

class Detach extends ByAnother {
  readonly kind = 'detach';

  protected act(simulation: Simulation): void {
    const handle = this.handle(simulation);
    if (handle?.process.isAlive === true) handle.operation.detach();
  }

  protected describe(): string {
    return `handle ${this.target.handle} is detached`;
  }
}

class Forget extends ByAnother {
  readonly kind = 'forget';

  protected act(simulation: Simulation): void {
    const [process, handle] = [this.process(simulation), this.handle(simulation)];
    if (process === undefined || handle === undefined) return;
    const forgetting = process.images(handle.root?.vertex === true).forget(handle.operation.id);
    simulation.expectAnswer(process, 'forget()', forgetting);
    // Whether it was one that nobody had is decided later.
    void forgetting.then(
      (isForgotten) => {
        if (isForgotten && handle.root !== undefined) handle.root.isForgotten = true;
      },
      () => undefined,
    );
  }

  protected describe(): string {
    return `process ${this.target.process} forgets handle ${this.target.handle}`;
  }
}

class Recover extends SimulatedCommand {
  readonly kind: string;
  readonly #policy: RecoverPolicy;
  readonly #slot: number;
  readonly #vertex: boolean;

  constructor(policy: RecoverPolicy, slot: number, vertex: boolean, after: number) {
    super(after);
    this.#policy = policy;
    this.#slot = slot;
    this.#vertex = vertex;
    this.kind = `recover ${policy}`;
  }

  protected override applies(simulation: Simulation): boolean {
    return simulation.processes.length > 0;
  }

  protected act(simulation: Simulation): void {
    const living = simulation.processes.filter(({ isAlive, isClosed }) => isAlive && !isClosed);
    const process = living[this.#slot] ?? (living.length < 3 ? simulation.spawn() : living[0]);
    if (process === undefined) return;
    void recoverBy(simulation, process, this.#policy, this.#vertex);
  }

  protected describe(): string {
    return `process ${this.#slot} recovers: ${this.#policy}${this.#vertex ? ', on Vertex' : ''}`;
  }
}

/** Resolves to whether anything was found. */
export function recoverBy(
  simulation: Simulation,
  process: SimulatedProcess,
  policy: RecoverPolicy,
  vertex: boolean,
): Promise<number> {
  const recovering = process.images(vertex).recover({ policy: policy as 'cancel', watchFailureMs: 60_000 });
  simulation.expectAnswer(process, `recover(${policy})`, recovering);
  return recovering.then(
    ({ operations, unreadable }) => {
      for (const { id, inDoubt } of operations) simulation.recovered(id, inDoubt);
      for (const { place } of unreadable) simulation.crashed(new Error(`Unreadable in the journal: ${place}`));
      return operations.length;
    },
    () => 0,
  );
}

/** What is done about operations that exist, mostly by others. */
export function others(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const target = fc.record({ process: fc.nat(2), handle: fc.nat(7), after });
  const policy = fc.constantFrom<RecoverPolicy[]>('attach', 'attach', 'cancel', 'list');
  const recover = fc
    .tuple(policy, fc.nat(2), fc.constantFrom(false, false, true), after)
    .map((args) => new Recover(...args));
  return fc.oneof(
    { weight: 4, arbitrary: recover },
    { weight: 2, arbitrary: target.map((one) => new Attach(one)) },
    { weight: 2, arbitrary: target.map((one) => new AttachByName(one)) },
    { weight: 2, arbitrary: target.map((one) => new CancelByName(one)) },
    { weight: 1, arbitrary: target.map((one) => new Detach(one)) },
    { weight: 1, arbitrary: target.map((one) => new Forget(one)) },
  );
}
