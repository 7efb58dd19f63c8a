import type { ExitParticipant, HostLeftover, ShutdownProgress, UnclaimedImages } from './platform.js';
import { howToCancel, howToFetch } from '../api/commands.js';
import type { Delivery } from './deliveries.js';
import type { Settings } from '../api/options.js';
import type { ProcessSignal } from '../api/report.js';
import type { EventChannel } from './event-channel.js';
import type { Handover } from './handover.js';
import type { Job } from './job/job.js';
import { countImages, leftoversOf } from './outcome.js';
import type { Settling } from './settling.js';
import type { PreparedCancels } from './prepared-cancels.js';
import type { ServerReference } from '../api/snapshot.js';

interface Hostable {
  readonly jobs: readonly Job[];
  readonly settling: Pick<Settling, 'allJobs' | 'extras'>;
  readonly channel: EventChannel;
  readonly identity: { readonly server: ServerReference };
  readonly handover: Pick<Handover, 'unclaimed' | 'handingOver'>;
  shutDown(trigger: ProcessSignal, isFatal: boolean): Promise<void>;
}

/** An operation as its host knows it: something that process signals stop, and that the exit of the process cancels. */
export function exitParticipant(run: Hostable, prepared: PreparedCancels, settings: Settings): ExitParticipant {
  const { server } = run.identity;
  return {
    signals: settings.signals,
    exitMs: settings.limits.exitMs,
    hasReceiver: settings.onImage !== undefined,
    get hasAudience() {
      return run.channel.hasListeners('settled');
    },
    shutDown: (trigger, isFatal) => run.shutDown(trigger, isFatal),
    handingOver: () => run.handover.handingOver(),
    progress: () => progressOf(run.settling.allJobs),
    counts: () => countImages(run.jobs, run.settling.extras.entries),
    leftovers: () => run.settling.allJobs.flatMap((job) => leftoverOf(job, server)),
    unclaimed: () => [
      ...unclaimedOf(run.handover.unclaimed(true), server),
      ...run.jobs.flatMap((job) => notFetchedOf(job, server)),
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

/** Of a job that waits, nothing is on the server. */
function leftoverOf(job: Job, server: ServerReference): readonly HostLeftover[] {
  if (job.state === 'waiting') return [];
  const { name, results, backend } = job;
  const isCancelable = backend.cancelable;
  const commands =
    name === undefined ? {} : { howToCancel: howToCancel(name, server), howToFetch: howToFetch(name, server, results) };
  return leftoversOf([job]).map((leftover) => ({ ...leftover, isCancelable, ...commands }));
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
  const count = needsOutput ? progress.total : elsewhereIn(end);
  return count === 0 ? [] : [{ count, isDelivered: false, ...fetching(job, server) }];
}

function elsewhereIn(end: Job['end']): number {
  return end?.kind === 'completed' ? end.outputs.filter((output) => 'elsewhere' in output).length : 0;
}

function fetching({ name, results }: Job, server: ServerReference): Pick<UnclaimedImages, 'name' | 'howToFetch'> {
  return name === undefined ? {} : { name, howToFetch: howToFetch(name, server, results) };
}
