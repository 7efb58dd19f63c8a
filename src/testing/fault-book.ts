import { verifyFault } from './settings.js';
import type { Fault, FaultOf } from './faults.js';
import type { FaultRecord } from './meter.js';
import type { RouteMatch } from './routes.js';
import type { WorkContext } from './job.js';

export interface FaultTarget extends Pick<RouteMatch, 'route' | 'model'> {
  readonly jobName?: string | undefined;
  readonly jobIndex?: number | undefined;
  readonly item?: number | undefined;
}

export function addFault({ meter, timers }: WorkContext, fault: Fault): () => void {
  const addedAt = timers.now();
  const record: FaultRecord = { fault: verifyFault(fault), addedAt, matched: 0, applied: 0, active: true };
  meter.change(() => meter.faults.push(record));
  return () => meter.change(() => Object.assign(record, { active: false }));
}

/** Yields the faults of these kinds that strike. Only those that are asked for are counted. */
export function* takeFaults<K extends Fault['kind']>(world: WorkContext, kinds: K[], target: FaultTarget) {
  for (const record of world.meter.faults) {
    const isAsked = kinds.some((kind) => kind === record.fault.kind);
    if (isAsked && strikes(world, record, target)) yield record.fault as FaultOf<K>;
  }
}

function strikes({ meter, timers }: WorkContext, record: FaultRecord, target: FaultTarget): boolean {
  const { fault, active, applied, matched, addedAt } = record;
  const { times = Infinity, skip = 0, fromMs = 0, forMs = Infinity } = fault;
  const ageMs = timers.now() - addedAt;
  if (!active || applied >= times || ageMs < fromMs || ageMs >= fromMs + forMs || !fits(fault, target)) return false;
  const isStruck = matched >= skip;
  meter.change(() => Object.assign(record, { matched: matched + 1, applied: applied + Number(isStruck) }));
  return isStruck;
}

function fits(fault: Fault, target: FaultTarget): boolean {
  const { route = '*', model, job, item } = fault;
  if (route !== '*' && route !== target.route) return false;
  if (model !== undefined && model !== target.model) return false;
  if (item !== undefined && (item === '*' ? target.item === undefined : item !== target.item)) return false;
  // It fails the batch as a whole.
  if (fault.kind === 'fail' && item === undefined && target.item !== undefined) return false;
  return job === undefined || job === target.jobName || job === target.jobIndex;
}
