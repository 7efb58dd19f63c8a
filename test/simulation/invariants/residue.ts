import type { Simulation } from '../world/simulation.js';
import { Violation } from '../world/violation.js';

/** At the end: no timer, no listener, no open connection of a process that lives. */
export function checkResidue(simulation: Simulation): void {
  const left = (what: string): void => simulation.violated(new Violation('nothing is left', what));
  for (const process of simulation.processes) {
    if (!process.isAlive) continue;
    if (process.life.timers > 0) left(`${process.life.timers} timers of process ${process.pid}`);
    for (const images of process.clients) {
      if (images.operations.length > 0)
        left(`${images.operations.length} operations in flight in process ${process.pid}`);
    }
  }
  for (const { listeners } of simulation.signals) {
    if (listeners() > 0) left(`${listeners()} listeners on the signal of a caller`);
  }
  for (const { route, process, record, outcome } of simulation.calls) {
    const isAlive = simulation.processes[process - 1]?.isAlive === true;
    if (!isAlive) continue;
    if (
      route === 'stream' &&
      record?.events !== undefined &&
      record.streamEndedAt === undefined &&
      record.clientLeftAt === undefined
    ) {
      left(`an open stream of process ${process}`);
    }
    if ((route === 'generateContent' || route === 'predict') && outcome === undefined) {
      left(`a request of process ${process} that nobody waits for any more`);
    }
  }
}
