import type { JobContext, JobSpec } from './job.js';
import type { JobRecord, Mutable } from './meter.js';

/** The meter's record of a job that is not yet begun. */
export function newRecord(spec: JobSpec, { clock, meter, workMs }: JobContext): Mutable<JobRecord> {
  return {
    name: spec.id === undefined ? undefined : `interactions/${spec.id}`,
    index: meter.jobs.length,
    kind: spec.kind,
    model: spec.model,
    workMs,
    createdAt: clock.now(),
    startedAt: undefined,
    endedAt: undefined,
    status: 'queued',
    endReason: undefined,
    cancelRequestedAt: undefined,
    deleted: false,
    clientGoneAt: undefined,
    // Own and enumerable, so that it shows in assertions and in JSON.
    get gpuMs() {
      return this.startedAt === undefined ? 0 : (this.endedAt ?? clock.now()) - this.startedAt;
    },
  };
}
