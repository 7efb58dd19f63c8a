import type { Host } from '../host.js';
import { limitAnswers } from './answer-limit.js';
import { trackConnections } from './connections.js';
import { loadStorage } from './load-storage.js';
import { processRegistry } from './registry.js';

/** Node, and what is like it: process signals, the exit path, and connections that do not keep a process alive by themselves. */
export const nodeHost: Host = {
  cancelsOnExit: true,
  admission: () => processRegistry().admission(),
  register: (operation) => processRegistry().add(operation),
  loadStorage,
  limitAnswers,
  track: trackConnections,
};
