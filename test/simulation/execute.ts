import { addFault } from '../../src/testing/fault-book.js';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { finish } from './ending.js';
import type { Run } from './property.js';
import { useGlobals } from './world/globals.js';
import { Simulation } from './world/simulation.js';
import type { Tally } from './world/tally.js';
import { Violation } from './world/violation.js';

/** The result of a run. */
export interface Executed {
  readonly violation: Violation | undefined;
  /** The same for the same run. */
  readonly hash: string;
  /** The steps of the run, if they were to be kept. */
  readonly history: readonly string[];
}

/** Runs it, on a world of its own. */
export async function execute(run: Run, tally: Tally, isTracing: boolean): Promise<Executed> {
  const simulation = new Simulation(run.scheduler, run.world, tally, isTracing);
  useGlobals(simulation, run.randomSeed);
  let violation: Violation | undefined;
  try {
    for (const fault of run.faults.flat()) addFault(simulation.server, fault);
    for (const command of run.prelude) await command.run(simulation, simulation);
    await fc.asyncModelRun(() => ({ model: simulation, real: simulation }), run.commands);
    await finish(simulation, run.ending);
  } catch (error) {
    violation = error instanceof Violation ? error : new Violation('crash', String((error as Error).stack));
  }
  for (const { applied, fault } of simulation.server.meter.faults) {
    if (applied > 0) tally.count('fault', fault.kind, applied);
  }
  return { violation, hash: hashOf(simulation), history: simulation.history };
}

function hashOf({ calls, handles }: Simulation): string {
  const hash = createHash('md5');
  for (const { seq, at, process, route, name, outcome, delivered } of calls) {
    hash.update(`${seq} ${at} ${process} ${route} ${name ?? ''} ${outcome ?? ''} ${delivered?.seq ?? ''}\n`);
  }
  for (const { settled, images } of handles) {
    for (const { seq, at, state } of settled) hash.update(`${seq} ${at} ${state}\n`);
    for (const { seq, at, index } of images) hash.update(`${seq} ${at} ${index}\n`);
  }
  return hash.digest('hex');
}
