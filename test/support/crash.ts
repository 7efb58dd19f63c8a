import { LEASE_MS, type Machine, type TestProcess } from './machine.js';
import { lighthouse } from './setup.js';

/** Parameters of two images. */
export const two = { ...lighthouse, config: { numberOfImages: 2 } };

/** Runs a process that starts something and dies, and waits until others can see that. */
export async function crash(machine: Machine, start: (process: TestProcess) => unknown, afterMs = 500): Promise<void> {
  const process = machine.start();
  start(process);
  await machine.clock.advance(afterMs);
  process.kill();
  await machine.clock.advance(LEASE_MS);
}
