import type { ExitParticipant, HostLeftover, ShutdownProgress, UnclaimedImages } from './platform.js';
import { howToCancel, howToFetch } from '../api/commands.js';
import type { Delivery } from './deliveries.js';
import type { Handover } from './handover.js';
import type { Job } from './job/job.js';
import type { OperationParts } from './parts.js';
import type { PreparedCancels } from './prepared-cancels.js';
import { countImages, leftoversOf } from './settlement.js';
import type { Settling } from './settling.js';
import type { ServerReference } from '../api/snapshot.js';

/** An operation as its host knows it: something that process signals stop, and that the exit of the process cancels. */
export function exitParticipant(
  { settings, identity, jobs, channel }: OperationParts,
  settling: Settling,
  handover: Handover,
  prepared: PreparedCancels,
  shutDown: ExitParticipant['shutDown'],
): ExitParticipant {
  const { server } = identity;
  return {
    signals: settings.signals,
    exitMs: settings.limits.exitMs,
    hasReceiver: settings.onImage !== undefined,
    get hasAudience() {
      return channel.hasListeners('settled');
    },
    shutDown,
    handingOver: () => handover.handingOver(),
    progress: () => progressOf(settling.allJobs),
    counts: () => countImages(jobs(), settling.extras.entries),
    leftovers: () => settling.allJobs.flatMap((job) => leftoverOf(job, server)),
    unclaimed: () => [
      ...unclaimedOf(handover.unclaimed(true), server),
      ...settling.allJobs.flatMap((job) => [job, ...job.lateJobs.values()]).flatMap((job) => notFetchedOf(job, server)),
    ],
    pendingCancels: () => prepared.pending(),
  };
}

function progressOf(jobs: readonly Job[]): ShutdownProgress {
  const open = jobs.filter(({ end, state, needsOutput }) => end === undefined && state !== 'waiting' && !needsOutput);
  const cancelable = open.filter(({ backend }) => backend.cancelable);
  const unnamed = cancelable.filter(({ name }) => name === undefined).length;
  return {
    cancelling: cancelable.length - unnamed,
    unnamed,
    uncancelable: open.length - cancelable.length,
    neverSent: jobs.filter(({ facts, name }) => !facts.wasSent && name === undefined).length,
  };
}

function leftoverOf(job: Job, server: ServerReference): readonly HostLeftover[] {
  return leftoversOf([job]).map(({ name, howToCancel: hint }) => ({
    howToCancel: name === undefined ? hint : howToCancel(name, server),
    isCancelable: job.backend.cancelable,
    ...fetching({ name, results: job.results }, server),
  }));
}

/** Groups the images by their jobs: one command fetches all images of a job. */
function unclaimedOf(deliveries: readonly Delivery[], server: ServerReference): readonly UnclaimedImages[] {
  return [...new Set(deliveries.map(({ job }) => job))].map((job) => {
    const own = deliveries.filter((delivery) => delivery.job === job);
    return { count: own.length, isDelivered: own.every(({ delivered }) => delivered), ...fetching(job, server) };
  });
}

function notFetchedOf(job: Job, server: ServerReference): readonly UnclaimedImages[] {
  const { end, needsOutput, progress } = job;
  const outputs = end?.kind === 'completed' ? end.outputs : [];
  const count = needsOutput ? progress.total : outputs.filter((output) => 'elsewhere' in output).length;
  return count === 0 ? [] : [{ count, isDelivered: false, ...fetching(job, server) }];
}

function fetching({ name, results }: Pick<Job, 'name' | 'results'>, server: ServerReference) {
  return name === undefined ? {} : { name, howToFetch: howToFetch(name, server, results) };
}
