import { createCancelable, type Cancelable } from '../cancelable.js';
import { nodeHost } from './host.js';

/** The core's `cancelable()`, with process signals and the exit path. Documented there. */
export const cancelable: Cancelable = createCancelable(nodeHost);

export * from '../exports.js';
