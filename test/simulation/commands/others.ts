import fc, { type Arbitrary } from 'fast-check';
import type { CloudStorage } from '../../../src/api/cloud-storage.js';
import { parseRecord } from '../../../src/journal/record.js';
import type { SkipReason } from '../../../src/client/recover.js';
import type { RecoverPolicy } from '../../../src/client/recover.js';
import type { OperationOptions } from '../../../src/api/options.js';
import type { OperationSnapshot } from '../../../src/api/snapshot.js';
import { checkRecovery } from '../invariants/recovery.js';
import type { SimulatedProcess } from '../world/process.js';
import { caller, receiverOf, type Caller } from '../world/caller.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { pick, SimulatedCommand } from './command.js';

/** Records of which nobody but the user can do anything. */
const REPORTED: readonly SkipReason[] = ['in-doubt', 'expired', 'lost'];

interface Target {
  readonly process: number;
  readonly handle: number;
  readonly hasStorage: boolean;
  readonly caller: Caller;
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

  protected options(
    simulation: Simulation,
    process: SimulatedProcess,
  ): Pick<OperationOptions, 'onImage'> & { storage: CloudStorage | undefined } {
    const { hasStorage, caller } = this.target;
    const onImage = receiverOf(simulation, process, caller);
    return { storage: hasStorage ? process.storage : undefined, ...(onImage === undefined ? {} : { onImage }) };
  }
}

class Attach extends ByAnother {
  readonly kind: string = 'attach by snapshot';

  protected act(simulation: Simulation): void {
    const [process, handle] = [this.process(simulation), this.handle(simulation)];
    if (process === undefined || handle?.root === undefined) return;
    const snapshot = JSON.parse(JSON.stringify(handle.operation)) as OperationSnapshot;
    const operation = process.images(handle.root.vertex).attach(snapshot, this.options(simulation, process));
    simulation.track(process, operation, 'attach', handle.root, this.target.caller);
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
    const operation = process.images(handle.root.vertex).attach(name, this.options(simulation, process));
    simulation.track(process, operation, 'by name', handle.root, this.target.caller);
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
    if (handle?.process.isAlive !== true) return;
    // A process that waits for nothing else dies in this turn.
    handle.detachedSeq = Math.min(handle.detachedSeq, simulation.nextSeq());
    handle.detachedAt = Math.min(handle.detachedAt, simulation.clock.now());
    handle.operation.detach();
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
    simulation.forgetting.add(handle.operation.id);
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
  readonly #hasStorage: boolean;

  constructor(policy: RecoverPolicy, slot: number, vertex: boolean, hasStorage: boolean, after: number) {
    super(after);
    this.#policy = policy;
    this.#slot = slot;
    this.#vertex = vertex;
    this.#hasStorage = hasStorage;
    this.kind = `recover ${policy}`;
  }

  protected override applies(simulation: Simulation): boolean {
    return simulation.processes.length > 0;
  }

  protected act(simulation: Simulation): void {
    const living = simulation.processes.filter(({ isAlive, isClosed }) => isAlive && !isClosed);
    const process = living[this.#slot] ?? (living.length < 3 ? simulation.spawn() : living[0]);
    if (process === undefined) return;
    void recoverBy(simulation, process, this.#policy, this.#vertex, this.#hasStorage);
  }

  protected describe(): string {
    return `process ${this.#slot} recovers: ${this.#policy}${this.#vertex ? ', on Vertex' : ''}${this.#hasStorage ? '' : ', no storage'}`;
  }
}

/** Resolves to whether anything was found. */
export function recoverBy(
  simulation: Simulation,
  process: SimulatedProcess,
  policy: RecoverPolicy,
  vertex: boolean,
  hasStorage = true,
): Promise<number> {
  const storage = hasStorage ? process.storage : undefined;
  const before = new Map([...simulation.entries].map(([id, { text }]) => [id, parseRecord(text)]));
  const recovering = process.images(vertex).recover({ policy, storage, limits: { watchMs: 60_000 } });
  simulation.expectAnswer(process, `recover(${policy})`, recovering);
  return recovering.then(
    (recovery) => {
      for (const { id, reason } of recovery.skipped) {
        simulation.tally.count('skipped', reason);
        if (REPORTED.includes(reason)) simulation.skipped(id, before.get(id)?.jobs ?? []);
      }
      checkRecovery(simulation, recovery, before, { policy, vertex, hasStorage });
      return recovery.operations.length;
    },
    () => 0,
  );
}

/** Chooses what others do about operations that exist. */
export function others(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const hasStorage = fc.constantFrom(true, true, true, false);
  const target = fc.record({ process: fc.nat(2), handle: fc.nat(7), hasStorage, caller, after });
  const policy = fc.constantFrom<RecoverPolicy[]>('attach', 'attach', 'cancel');
  const recover = fc
    .tuple(policy, fc.nat(2), fc.constantFrom(false, false, true), hasStorage, after)
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
