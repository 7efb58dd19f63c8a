import { isCreate, type Call } from '../world/calls.js';
import { Violation } from '../world/violation.js';
import type { Evidence } from './evidence.js';

/**
 * At the end: each wanted image was asked for once, and again only if nothing can have come of it before, or, of a batch,
 * when the list did not have it. Whoever recovers or attaches never asks.
 */
export function checkCreates(simulation: Evidence): void {
  for (const root of simulation.roots) {
    const creates = simulation.calls.filter((call) => isCreate(call) && call.root === root.number);
    const strange = creates.find(({ process }) => process !== root.pid);
    if (strange !== undefined) wrong(simulation, `${strange.process} has sent a create for operation ${root.number}`);
    for (const index of root.indices) {
      const some = creates.filter(({ indices }) => indices.includes(index));
      for (let position = 1; position < some.length; position++) {
        const [before, again] = [some[position - 1], some[position]];
        if (before === undefined || again === undefined || mayFollow(simulation, before, again)) continue;
        const how = `${before.outcome ?? 'not answered'} ${before.record?.status ?? ''} ${before.record?.faults.join('+') ?? ''}`;
        wrong(
          simulation,
          `image ${root.number}[${index}] was asked for again (${again.seq}); the time before (${before.seq}): ${how}`,
        );
      }
    }
  }
}

function wrong(simulation: Evidence, what: string): void {
  simulation.violated(new Violation('one create', what));
}

function mayFollow(simulation: Evidence, before: Call, again: Call): boolean {
  const { outcome, record, deliveredSeq = Infinity } = before;
  if (deliveredSeq > again.seq && before.route !== 'batch-create') return false;
  if (outcome === 'refused') return true;
  const status = outcome === 'answered' ? record?.status : undefined;
  if (status === 429 || status === 503) return true;
  const isOtherWay = before.route === 'create' && again.route !== 'create';
  // What `isBackgroundRefusal` in `src/operation/submit-failure.ts` takes for one.
  if (isOtherWay && status !== undefined && [400, 404, 405, 501].includes(status)) return true;
  return before.route === 'batch-create' && again.route === 'batch-create' && wasLookedFor(simulation, before, again);
}

/** The list was read in between, and the batch was not in it. */
function wasLookedFor(simulation: Evidence, before: Call, again: Call): boolean {
  return simulation.calls.some(
    (call) =>
      call.route === 'batch-list' &&
      call.process === before.process &&
      call.seq > before.seq &&
      (call.deliveredSeq ?? Infinity) < again.seq &&
      call.outcome === 'answered' &&
      call.record?.status === 200,
  );
}
