import type { ExitParticipant } from './platform.js';
import type { Settings } from '../api/options.js';
import type { CancelReport, ProcessSignal } from '../api/report.js';
import type { EventChannel } from './event-channel.js';
import type { Job } from './job/job.js';
import { leftoversOf } from './outcome.js';
import type { PreparedCancels } from './prepared-cancels.js';

/** What a host sees of an operation. */
interface Hostable {
  readonly allJobs: readonly Job[];
  readonly channel: EventChannel;
  stop(trigger: ProcessSignal, reason: unknown): Promise<CancelReport>;
}

/** An operation as its host knows it: something that process signals stop, and that the exit of the process cancels. */
export function exitParticipant(run: Hostable, prepared: PreparedCancels, settings: Settings): ExitParticipant {
  return {
    signals: settings.signals,
    exitMs: settings.limits.exitMs,
    get hasAudience() {
      return run.channel.hasListeners('settled');
    },
    stop: (trigger) => run.stop(trigger, new DOMException(`Cancelled by ${trigger}.`, 'AbortError')),
    leftovers: () => leftoversOf(run.allJobs),
    pendingCancels: () => prepared.pending(),
  };
}
