import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { ProcessIdentity } from './owner.js';
import { hasProcess, readLinkIfThere, readProcess, readTextIfThere } from './proc.js';

/** The machine as this process sees it. */
export interface Machine {
  readonly hostName: string;
  /** Whether two machines that have the same `host` are the same, and not namesakes. */
  readonly isUnique: boolean;
  /** This process. */
  readonly self: ProcessIdentity;
  /** When the process with this id was started; `gone` if there is none; `undefined` if that cannot be told. */
  readonly startOf: (pid: number) => string | undefined;
}

/** What `Machine.startOf()` says of a process that there is not. */
export const GONE = 'gone';

/** This machine, and this process on it. */
export function thisMachine(): Machine {
  const hostName = hostname();
  const machineId = readTextIfThere('/etc/machine-id');
  const boot = readTextIfThere('/proc/sys/kernel/random/boot_id');
  const self = readProcess('self');
  // A /proc of another PID namespace than ours speaks of other processes.
  const facts = self?.pid === process.pid ? self : undefined;
  return {
    hostName,
    isUnique: machineId !== undefined,
    self: {
      host: shortHash(`${hostName} ${machineId ?? ''}`),
      boot: boot && shortHash(boot),
      namespace: facts && namespaceHash(),
      pid: process.pid,
      start: facts?.start,
    },
    startOf,
  };
}

/** What is the same for processes that see each other under the same ids and with the same start times. */
function namespaceHash(): string | undefined {
  const pids = readLinkIfThere('/proc/self/ns/pid');
  return pids && shortHash(`${pids} ${readLinkIfThere('/proc/self/ns/time') ?? ''}`);
}

function startOf(pid: number): string | undefined {
  const facts = readProcess(pid);
  if (facts !== undefined) return facts.isDead ? GONE : facts.start;
  // Not to be seen may also be another user's, where /proc is mounted with `hidepid`.
  return hasProcess(pid) ? undefined : GONE;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
