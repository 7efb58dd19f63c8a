import type { Platform } from '../operation/platform.js';
import { trackConnections } from './connections.js';
import { expectKnownSignals, processRegistry } from './signals/registry.js';

/** Node, and what is like it: process signals, the exit path, and connections that do not keep a process alive by themselves. */
export const nodePlatform: Platform = {
  cancelsOnExit: true,
  checkSignals: expectKnownSignals,
  admission: () => processRegistry().admission(),
  register: (operation) => processRegistry().add(operation),
  track: trackConnections,
};
