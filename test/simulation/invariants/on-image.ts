import { keyOf, keysIn } from '../world/keys.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';

/** At the end: `onImage` was called once for each image of an operation, in the order in which they came (A12). */
export function checkOnImage(simulation: Simulation): void {
  for (const tracked of simulation.handles) {
    const { receipts, caller, label, images, settled } = tracked;
    const wrong = (what: string): void =>
      simulation.violated(new Violation('onImage', `${label}: \`onImage\` ${what}`));
    const keys = receipts.map(({ key }) => key);
    if (new Set(keys).size < keys.length) wrong('was called twice for one image');
    if (caller.onImage === 'none') continue;
    const heard = images.map(({ image }) => keyOf(image));
    const [end] = settled;
    const known = new Set([...heard, ...keysIn(end?.response), ...keysIn(end?.report?.response)]);
    const missing = [...known].filter((key) => !keys.includes(key));
    if (missing.length > 0) wrong(`was not called for ${missing.length} images`);
    const inOrder = keys.filter((key) => heard.includes(key));
    if (inOrder.join() !== heard.filter((key) => keys.includes(key)).join()) wrong('was called in another order');
  }
}

/** `result()` waits for the promises of `onImage`, after a trigger no longer than the budget (A12). */
export function checkAwaited(simulation: Simulation, tracked: Tracked): void {
  const { result, settled, receipts, cancelling, cancelTimeoutMs, label } = tracked;
  const [end] = settled;
  if (result === undefined || end === undefined) return;
  const pending = receipts.filter((receipt) => receipt.seq < end.seq && receipt.settled === undefined);
  const [stop] = cancelling;
  if (pending.length === 0 || (stop !== undefined && result.at >= stop.at + cancelTimeoutMs)) return;
  const what = `result() settled before \`onImage\` had taken image ${pending[0]?.index ?? ''}`;
  simulation.violated(new Violation('onImage', `${label}: ${what}`));
}
