import { debuglog } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { createCancelable, type Cancelable } from '../client/cancelable.js';
import type { Platform } from '../operation/platform.js';
import { Crowd } from '../operation/job/crowd.js';
import { maxStreams, trackConnections } from './connections.js';
import { expectKnownSignals, processRegistry } from './signals/registry.js';

const NO_SIGNALS =
  'A worker thread gets no process signals: Ctrl+C ends the process without a cancel. Pass a `cancelSignal`, or `signals: false`.';

/** `NODE_DEBUG=genai-cancel` turns it on. */
const debug = debuglog('genai-cancel');

/** Shared by all clients: they share the descriptors of the process. */
let crowd: Crowd | undefined;

/** Node, and what is like it: process signals, the exit path, and connections that do not keep a process alive by themselves. */
const nodePlatform: Platform = {
  cancelsOnExit: true,
  checkSignals: expectKnownSignals,
  ...(isMainThread ? {} : { noSignals: NO_SIGNALS }),
  admission: () => processRegistry().admission(),
  register: (operation) => processRegistry().add(operation),
  crowd: () => (crowd ??= new Crowd(maxStreams())),
  track: trackConnections,
  ...(debug.enabled ? { debug: (message) => debug('%s', message) } : {}),
};

/** The core's `cancelable()`, with process signals and the exit path. Documented there. */
export const cancelable: Cancelable = createCancelable(nodePlatform);
