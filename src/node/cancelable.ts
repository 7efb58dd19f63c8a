import { createCancelable, type Cancelable } from '../client/cancelable.js';
import { nodePlatform } from './platform.js';

/** The core's `cancelable()`, with process signals and the exit path. Documented there. */
export const cancelable: Cancelable = createCancelable(nodePlatform);
