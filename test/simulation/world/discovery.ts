import type { Operation } from '../../../src/api/handle.js';
import type { SimulatedProcess } from './process.js';
import type { Root } from './roots.js';
import type { Simulation } from './simulation.js';
import { Violation } from './violation.js';

/** Finds the handles that the library has made by itself, for what it recovers or cancels by name. */
export function discover(simulation: Simulation, process: SimulatedProcess): void {
  for (const { operations } of process.clients) {
    for (const operation of operations) if (!simulation.isKnown(operation)) meet(simulation, process, operation);
  }
}

function meet(simulation: Simulation, process: SimulatedProcess, operation: Operation): void {
  const recovered = simulation.handles.find(({ operation: { id } }) => id === operation.id)?.root;
  if (recovered === undefined) {
    simulation.track(process, operation, 'by name', rootByNames(simulation, operation));
    return;
  }
  checkOwner(simulation, process, operation);
  simulation.track(process, operation, 'recover', recovered);
}

function rootByNames({ server, roots }: Simulation, { jobs }: Operation): Root | undefined {
  const named = jobs.map(({ name }) => (name === undefined ? undefined : server.jobNamed(name)));
  const number = named.find((job) => job !== undefined)?.root;
  return roots.find((root) => root.number === number);
}

/** Checks that a recovered record has no living owner. A start without a journal has nothing to do with a record of its id. */
function checkOwner(simulation: Simulation, { pid }: SimulatedProcess, { id }: Operation): void {
  const owner = simulation.handles.find(
    ({ operation, origin, root, isSettled, process }) =>
      operation.id === id &&
      (origin === 'recover' || (origin === 'start' && root?.isJournaled === true)) &&
      !isSettled &&
      process.isAlive &&
      !simulation.suspected.has(process.pid),
  );
  if (owner === undefined) return;
  simulation.violated(new Violation('recovery', `${pid} has recovered what ${owner.label} has, and lives`));
}
