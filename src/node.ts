import { createCancelable, type Cancelable } from './client/cancelable.js';
import { nodeHost } from './node/platform.js';

/** The core's `cancelable()`, with process signals and the exit path. Documented there. */
export const cancelable: Cancelable = createCancelable(nodeHost);

export * from './exports.js';
