import type { HostedOperation, ShutdownProgress, UnclaimedImages } from '../host.js';
import type { Settings } from '../options.js';
import type { CancelReport, ProcessSignal } from '../stop/report.js';
import { howToFetch } from '../commands.js';
import type { Delivery } from './deliveries.js';
import type { EventChannel } from './event-channel.js';
import type { Job } from './job.js';
import { leftoversOf } from './outcome.js';
import type { PreparedCancels } from './prepared-cancels.js';
import type { ServerReference } from './snapshot.js';

/** An operation, as far as its host needs it. */
interface Hostable {
  readonly jobs: readonly Job[];
  readonly channel: EventChannel;
  readonly report: CancelReport | undefined;
  readonly identity: { readonly server: ServerReference };
  unclaimed(): readonly Delivery[];
  shutDown(trigger: ProcessSignal, isFatal: boolean): Promise<void>;
}

/** Describes an operation to its host, which cancels it on process signals and when the process exits. */
export function hostedOperation(run: Hostable, prepared: PreparedCancels, settings: Settings): HostedOperation {
  return {
    signals: settings.signals,
    exitMs: settings.limits.exitMs,
    get hasAudience() {
      return run.channel.hasListeners('settled');
    },
    shutDown: (trigger, isFatal) => run.shutDown(trigger, isFatal),
    progress: () => progressOf(run.jobs),
    report: () => run.report,
    leftovers: () => leftoversOf(run.jobs),
    unclaimed: () => unclaimedOf(run.unclaimed(), run.identity.server),
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
