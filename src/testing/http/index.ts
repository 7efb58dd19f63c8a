import { buildEmulator, type Emulator } from '../emulator.js';
import type { EmulatorOptions } from '../settings.js';
import { listen } from './server.js';

export type * from '../index.js';
export { createVirtualClock, journalChecks, mswHandlers } from '../index.js';

/** An emulated Google, which can listen on a real port. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  return buildEmulator(options, listen);
}
