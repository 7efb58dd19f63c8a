import { Leaver } from '../world/leaver.js';
import type { SimulatedProcess } from '../world/process.js';
import type { Simulation } from '../world/simulation.js';

const shared = new WeakMap<SimulatedProcess, AbortController>();

/** Of another make, as a polyfill has it: no `AbortSignal`, and its listeners get no event. */
export function foreignController(): AbortController {
  const leaver = new Leaver();
  return { signal: leaver.signal, abort: (reason) => leaver.leave(reason) };
}

/** A controller of a caller whose listeners are counted. */
export function watchedController(
  simulation: Simulation,
  process: SimulatedProcess,
  controller = new AbortController(),
): AbortController {
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  const known = new Set<unknown>();
  signal.addEventListener = (...args: Parameters<typeof add>): void => {
    if (!known.has(args[1])) listeners++;
    known.add(args[1]);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
    if (known.delete(args[1])) listeners--;
    remove(...args);
  };
  // A signal that has aborted calls nobody any more.
  const count = (): number => (process.isAlive && !signal.aborted ? listeners : 0);
  simulation.signals.push({ listeners: count });
  return controller;
}

/** One for many operations of a process, as a server has one for its shutdown. It is renewed when it has aborted. */
export function sharedController(simulation: Simulation, process: SimulatedProcess): AbortController {
  const existing = shared.get(process);
  if (existing !== undefined && !existing.signal.aborted) return existing;
  const controller = watchedController(simulation, process);
  shared.set(process, controller);
  return controller;
}
