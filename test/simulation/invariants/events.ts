import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';

/** The default of `limits.salvageMs`. */
const SALVAGE_MS = 120_000;

/** After `settled` only these may come (A6). */
const LATE: readonly string[] = ['warning', 'image'];

/**
 * A6: nothing but late names and late images follows `settled`, and nothing at all follows the end of `events()`. It waits
 * neither for a create that is not answered within `salvageMs`, nor for a journal that is away, nor for an
 * `onImage` that fails later.
 */
export function checkEvent(simulation: Simulation, tracked: Tracked, event: string, code: unknown): void {
  const wrong = (what: string): void =>
    simulation.violated(new Violation('order of events', `${tracked.label}: ${event} came after ${what}`));
  if (tracked.isSettled && !LATE.includes(event)) wrong('`settled`');
  const { settled, root, caller } = tracked;
  const waitsUntil = (settled[0]?.at ?? Infinity) + (root?.options.limits?.salvageMs ?? SALVAGE_MS);
  if (code === 'journal-failed' || code === 'image-not-handed-over' || !caller.iterates || !tracked.hasIterated) return;
  if (simulation.clock.now() < waitsUntil) wrong('`events()` had ended');
}

/** At the end: `events()` has ended, and has delivered what the listeners were called with, in the same order. */
export function checkIterated(simulation: Simulation, { label, heard, iterated, hasIterated, caller }: Tracked): void {
  if (!caller.iterates) return;
  const wrong = (what: string): void => simulation.violated(new Violation('order of events', `${label}: ${what}`));
  if (!hasIterated) wrong('`events()` has not ended, and no event can come any more');
  const given = caller.listens ? iterated : iterated.filter((name) => name !== 'image');
  const [some, others] = [heard.join(), given.join()];
  if (!some.startsWith(others)) wrong(`listeners got ${some}, and \`events()\` gave ${others}`);
}
