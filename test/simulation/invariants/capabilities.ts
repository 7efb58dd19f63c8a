import { isBackgroundRefusal } from '../world/calls.js';
import type { SimulatedProcess } from '../world/process.js';
import type { Simulation } from '../world/simulation.js';
import { Violation } from '../world/violation.js';

/** At the end: what each client says of the model is what it has seen (A9). An accepted create proves nothing. */
export function checkCapabilities(simulation: Simulation, model: string): void {
  for (const process of simulation.processes.filter(({ isAlive }) => isAlive)) {
    for (const vertex of [false, true]) checkClient(simulation, process, vertex, model);
  }
}

function checkClient(simulation: Simulation, process: SimulatedProcess, vertex: boolean, model: string): void {
  const { cancelable } = process.images(vertex).capabilities(model);
  const expected = wasRefused(simulation, process, vertex) ? ['no'] : expectedOf(simulation, process, vertex);
  if (expected.includes(cancelable)) return;
  const what = `${process.pid}${vertex ? ' on Vertex' : ''} says of ${model}: ${cancelable}, in place of ${expected.join()}`;
  simulation.violated(new Violation('truth of the report', what));
}

function wasRefused({ calls }: Simulation, { pid }: SimulatedProcess, vertex: boolean): boolean {
  return calls.some((call) => call.process === pid && call.isVertex === vertex && isBackgroundRefusal(call));
}

/** `yes` takes a cancel that the server has confirmed to an operation of this client's. */
function expectedOf({ handles }: Simulation, process: SimulatedProcess, vertex: boolean): readonly string[] {
  const isConfirmed = handles.some(
    ({ process: own, root, settled: [end] }) =>
      own === process &&
      root?.vertex === vertex &&
      end?.report?.jobs.some(({ state }) => state === 'cancelled') === true,
  );
  return isConfirmed ? ['yes', 'unknown'] : ['unknown'];
}
