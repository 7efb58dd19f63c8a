import type { Evidence } from './evidence.js';
import { isBackgroundRefusal, isCreate, isLate, isRejected, type Call } from '../world/calls.js';
import type { Root } from '../world/roots.js';
import { Violation } from '../world/violation.js';

/**
 * At the end: each wanted image was asked for once, and again only if nothing can have come of it before (S1 to S3). Other
 * processes never ask.
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
        if (before === undefined || again === undefined || mayFollow(before, again, creates)) continue;
        const how = `${before.outcome ?? 'not answered'} ${before.record?.status ?? ''} ${before.record?.faults.join('+') ?? ''}`;
        wrong(
          simulation,
          `image ${root.number}[${index}] was asked for again (${again.seq}); the time before (${before.seq}): ${how}`,
        );
      }
    }
    checkRefused(simulation, root, creates);
    checkRequired(simulation, root, creates);
  }
}

function wrong(simulation: Evidence, what: string): void {
  simulation.violated(new Violation('one create', what));
}

/** A rejected request may be sent again after 429 and 503 only. One that waits for that is made by the way that a refusal asks for. */
function mayFollow(before: Call, again: Call, creates: readonly Call[]): boolean {
  if (!isRejected(before) || (before.delivered?.seq ?? Infinity) > again.seq) return false;
  // The server has said when (S6). The way that a refusal asks for has its own quota.
  if (before.route === again.route && again.at < (before.delivered?.at ?? 0) + (before.retryDelayMs ?? 0)) return false;
  if (before.route !== again.route && isBackgroundRefusal(before)) return true;
  const { status } = before.record ?? {};
  const isRetryable = status === 429 || status === 503;
  return isRetryable && (before.route === again.route || creates.some(isBackgroundRefusal));
}

/** S8: after the first refusal no further create goes to interactions, and the client remembers it. */
function checkRefused(simulation: Evidence, root: Root, creates: readonly Call[]): void {
  const refusals = simulation.calls.filter(
    (call) =>
      call.process === root.pid &&
      call.isVertex === root.vertex &&
      isBackgroundRefusal(call) &&
      !isLate(call, simulation.rootNumbered(call.root)?.options.limits?.submitMs),
  );
  for (const call of creates.filter(({ route }) => route === 'create')) {
    const told = refusals.find(({ delivered, root: number }) => {
      if (delivered === undefined || delivered.turn >= call.turn) return false;
      return number === root.number || delivered.seq < root.startedSeq;
    });
    if (told === undefined) continue;
    wrong(simulation, `operation ${root.number} has sent a create (${call.seq}) after one was refused (${told.seq})`);
  }
}

/** S8: what has to be cancelable is never sent as a request that cannot be cancelled. */
function checkRequired(simulation: Evidence, { number, options }: Root, creates: readonly Call[]): void {
  if (options.requireCancelable !== true) return;
  const sent = creates.find(({ route }) => route === 'generateContent' || route === 'predict');
  if (sent !== undefined) wrong(simulation, `operation ${number} requires cancelable, and ${sent.seq} is not`);
}
