import fc, { type Arbitrary, type AsyncCommand, type Scheduler } from 'fast-check';
import type { EmulatorOptions } from '../../src/testing/settings.js';
import type { Fault } from '../../src/testing/faults.js';
import { someFaults } from './commands/fault-arbitraries.js';
import { faults } from './commands/faults.js';
import { others } from './commands/others.js';
import { processes } from './commands/processes.js';
import { crowdedStart, start } from './commands/start.js';
import { stop, stopAll } from './commands/stop.js';
import { deliver, stall, wait } from './commands/time.js';
import type { SimulatedCommand } from './commands/command.js';
import { ending, type Ending } from './ending.js';
import type { Simulation } from './world/simulation.js';
import { type WorldOptions } from './world/simulation.js';

/** The choices of fast-check for one run. */
export interface Run {
  readonly world: WorldOptions;
  readonly scheduler: Scheduler;
  /** Goes wrong from the beginning. */
  readonly faults: readonly (readonly Fault[])[];
  /** The first commands: without them most of the others would have nothing to do. */
  readonly prelude: readonly SimulatedCommand[];
  readonly commands: Iterable<AsyncCommand<Simulation, Simulation>>;
  readonly ending: Ending;
  readonly randomSeed: number;
}

const worldOptions: Arbitrary<WorldOptions> = fc.record({
  leaseMs: fc.constantFrom(30_000, 30_000, 9_000),
  pageSize: fc.constantFrom(1, 2, 100),
  emulator: fc.record({
    queueMs: fc.constantFrom(100, 0, 2_000),
    workMs: fc.constantFrom(4_000, 300, 20_000),
    batchQueueMs: fc.constantFrom(1_000, 0, 15_000),
    batchListOrder: fc.constantFrom('newest' as const, 'oldest' as const, 'shuffled' as const),
    batchConcurrency: fc.constantFrom(1, 4),
    cancelAfterEnd: fc.constantFrom(400, 404, 409, 200),
    completedEventHasSteps: fc.boolean(),
    usageWhenCancelled: fc.boolean(),
    streamLimitMs: fc.constantFrom(600_000, 3_000),
    honoursServerTimeout: fc.boolean(),
    // The three worlds: background jobs that can be read and cancelled, those that cannot, and none.
    background: fc.constantFrom('accepted', 'accepted', 'accepted', 'refused'),
    whileRunning: fc.constantFrom<NonNullable<EmulatorOptions['whileRunning']>>(
      {},
      {},
      {},
      { reads: 'forbidden', cancels: 'forbidden' },
      { reads: 'not-found', cancels: 'not-found' },
      { reads: 'forbidden' },
      { cancels: 'forbidden' },
      { cancels: 'not-found' },
    ),
  }),
});

/** A few answers first, or none. */
const after = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 7, max: 25 }) },
);

const command: Arbitrary<SimulatedCommand> = fc.oneof(
  { weight: 6, arbitrary: start(after) },
  { weight: 5, arbitrary: stop(after) },
  { weight: 6, arbitrary: faults(after) },
  { weight: 3, arbitrary: wait(after) },
  { weight: 1, arbitrary: stall(after) },
  { weight: 1, arbitrary: deliver() },
  { weight: 3, arbitrary: processes(after) },
  { weight: 3, arbitrary: others(after) },
);

/** Many operations of one process, with more jobs in flight than fit through at a time, and one trigger for them. */
const crowd: Arbitrary<readonly SimulatedCommand[]> = fc
  .tuple(
    fc.array(crowdedStart(), { minLength: 5, maxLength: 6, size: 'max' }),
    stopAll(fc.constantFrom(60, 200, Infinity)),
  )
  .map(([starts, stop]) => [...starts, stop]);

/** All that there is to choose. `replayPath`: of the commands, for a history that was cut down. */
export function run(replayPath: string | undefined): Arbitrary<Run> {
  return fc.record({
    world: worldOptions,
    scheduler: fc.scheduler(),
    faults: fc.array(someFaults, { maxLength: 3, size: 'max' }),
    prelude: fc.oneof(
      { weight: 40, arbitrary: fc.array(start(fc.constant(0)), { minLength: 1, maxLength: 3, size: 'max' }) },
      { weight: 1, arbitrary: crowd },
    ),
    commands: fc.commands<Simulation, Simulation, false>([command], {
      maxCommands: 10,
      size: 'max',
      ...(replayPath === undefined ? {} : { replayPath }),
    }),
    ending,
    randomSeed: fc.nat(),
  });
}
