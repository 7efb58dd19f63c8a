/** At which point of an operation a kill can hit. One kill hits several operations, and so several points. */
export const PHASES = [
  'while it starts',
  'before a create',
  'a create in flight',
  'a create answered, its name not written',
  'a job in its queue or running',
  'a cancel under way',
  'a job ended, its image not delivered',
  'all delivered, the record not out',
  'nothing in flight',
];

/** What the server knows of a process, in the moment before the kill. */
export function seenByServer(server, name) {
  return {
    creates: server.createsOf(name).map(({ request, tag }) => ({
      tag,
      isOpen: request.answeredAt === undefined,
      // Not one whose answer was spoilt: then there is no name to be written.
      isNamed:
        request.answeredAt !== undefined &&
        request.status === 200 &&
        !request.faults.includes('garbage') &&
        request.job !== undefined,
    })),
    jobs: server.jobsOf(name).map((job) => ({
      tag: server.tagOfJob(job),
      isOver: job.endedAt !== undefined,
      isMade: job.endReason === 'completed',
      isCancelling: job.cancelRequestedAt !== undefined,
    })),
  };
}

/** Where a kill has hit, by what was seen before it, by what the process had told, and by what it left in the journal. */
export function phasesOf({ isReady, seen, operations, records, deliveredOf }) {
  if (!isReady) return ['while it starts'];
  const hit = new Set();
  for (const operation of operations) {
    if (operation.settled.length > 0 && !records.has(operation.id)) continue;
    for (const phase of phasesOfOne(operation, records.get(operation.id), seen, deliveredOf)) hit.add(phase);
  }
  return hit.size === 0 ? ['nothing in flight'] : [...hit];
}

function phasesOfOne({ id, tag, isCancelling, settled }, record, seen, deliveredOf) {
  const creates = seen.creates.filter((create) => create.tag === tag);
  const jobs = seen.jobs.filter((job) => job.tag === tag);
  const isRunning = jobs.some(({ isOver }) => !isOver);
  const isOpen = creates.some((create) => create.isOpen);
  const names = record?.jobs.filter(({ name }) => name !== undefined).length ?? 0;
  const isUnwritten = record !== undefined && names < creates.filter(({ isNamed }) => isNamed).length;
  const made = jobs.filter(({ isMade }) => isMade).length;
  const isAllOver = jobs.length > 0 && !isRunning && !isOpen;
  const phases = {
    'before a create': creates.length === 0,
    'a create in flight': isOpen,
    'a create answered, its name not written': isUnwritten && settled.length === 0,
    'a job in its queue or running': isRunning && !isCancelling,
    'a cancel under way': (isCancelling && settled.length === 0) || jobs.some((job) => job.isCancelling && !job.isOver),
    'a job ended, its image not delivered': isAllOver && deliveredOf(id) < made && record !== undefined,
    'all delivered, the record not out': isAllOver && made > 0 && deliveredOf(id) >= made && record !== undefined,
  };
  return Object.keys(phases).filter((phase) => phases[phase]);
}
