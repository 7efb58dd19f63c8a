import type { Clock } from '../../util/clock.js';
import type { ItemCounts, JobRecord, MeterBook, Mutable } from '../meter.js';
import type { BatchItem, ItemState } from './batch-item.js';
import type { BatchSpec } from './batch.js';

/** What a host calls a state. */
export function stateName(host: BatchSpec['host'], state: string): string {
  return `${host === 'gemini' ? 'BATCH_STATE' : 'JOB_STATE'}_${state}`;
}

export function countItems(items: readonly BatchItem[]): ItemCounts {
  const count = (state: ItemState): number => items.filter((item) => item.state === state).length;
  return {
    total: items.length,
    completed: count('completed'),
    cancelled: count('cancelled'),
    failed: count('failed'),
  };
}

export function newBatchRecord(
  spec: BatchSpec,
  items: readonly BatchItem[],
  { clock, meter, workMs }: { clock: Clock; meter: MeterBook; workMs: number },
): Mutable<JobRecord> {
  return {
    name: spec.name,
    index: meter.jobs.length,
    kind: 'batch',
    model: spec.model,
    workMs: workMs * items.filter(({ spec: { request } }) => typeof request !== 'string').length,
    createdAt: clock.now(),
    startedAt: undefined,
    endedAt: undefined,
    status: stateName(spec.host, 'PENDING'),
    endReason: undefined,
    cancelRequestedAt: undefined,
    deleted: false,
    clientGoneAt: undefined,
    items: countItems(items),
    displayName: spec.displayName,
    // Own and enumerable, so that it shows in assertions and in JSON.
    get gpuMs() {
      return items.reduce((sum, item) => sum + item.gpuMs, 0);
    },
  };
}
