import type { ExitParticipant, ShutdownProgress, UnclaimedImages } from './platform.js';
import { howToFetch } from '../api/commands.js';
import type { Delivery } from './deliveries.js';
import type { Settings } from '../api/options.js';
import type { CancelReport, ProcessSignal } from '../api/report.js';
import type { EventChannel } from './event-channel.js';
import type { Job } from './job/job.js';
import { leftoversOf } from './outcome.js';
import type { PreparedCancels } from './prepared-cancels.js';
import type { ServerReference } from '../api/snapshot.js';

/** An operation, as far as its host needs it. */
interface Hostable {
  readonly jobs: readonly Job[];
  readonly settling: { readonly allJobs: readonly Job[]; readonly report: CancelReport | undefined };
  readonly channel: EventChannel;
  readonly identity: { readonly server: ServerReference };
  readonly handover: { unclaimed(): readonly Delivery[] };
  shutDown(trigger: ProcessSignal, isFatal: boolean): Promise<void>;
}

/** An operation as its host knows it: something that process signals stop, and that the exit of the process cancels. */
export function exitParticipant(run: Hostable, prepared: PreparedCancels, settings: Settings): ExitParticipant {
  return {
    signals: settings.signals,
    exitMs: settings.limits.exitMs,
    get hasAudience() {
      return run.channel.hasListeners('settled');
    },
    shutDown: (trigger, isFatal) => run.shutDown(trigger, isFatal),
    progress: () => progressOf(run.jobs),
    report: () => run.settling.report,
    leftovers: () => leftoversOf(run.settling.allJobs),
    unclaimed: () => unclaimedOf(run.handover.unclaimed(), run.identity.server),
    pendingCancels: () => prepared.pending(),
  };
}

function progressOf(jobs: readonly Job[]): ShutdownProgress {
  const open = jobs.filter(({ end }) => end === undefined);
  return {
    cancelling: open.filter(({ backend }) => backend.cancelable).length,
    uncancelable: open.filter(({ backend }) => !backend.cancelable).length,
    neverSent: jobs.filter(({ wasSent }) => !wasSent).length,
  };
}

/** Groups the images by their jobs: one command fetches all images of a job. */
function unclaimedOf(deliveries: readonly Delivery[], server: ServerReference): readonly UnclaimedImages[] {
  return [...new Set(deliveries.map(({ job }) => job))].map((job) => {
    const { name, results } = job;
    const count = deliveries.filter((delivery) => delivery.job === job).length;
    return { count, ...(name === undefined ? {} : { name, howToFetch: howToFetch(name, server, results) }) };
  });
}
