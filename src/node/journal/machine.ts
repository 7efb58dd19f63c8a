import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { readLinkIfThere, readTextIfThere } from '../system-files.js';
import { codeOf } from './folder.js';

/** Process, told apart from every other one that ever was on any machine. `undefined`: the system does not tell. */
export interface ProcessIdentity {
  readonly host: string;
  readonly boot: string | undefined;
  /** Within which `pid` counts. */
  readonly namespace: string | undefined;
  readonly pid: number;
  readonly start: string | undefined;
}

export interface Machine {
  readonly hostName: string;
  /** Whether two machines that have the same `host` are the same, and not namesakes. */
  readonly isUnique: boolean;
  readonly self: ProcessIdentity;
  /** Tells when the process with this id was started: `gone` if there is none, `undefined` if that cannot be told. */
  readonly startOf: (pid: number) => string | undefined;
}

export function thisMachine(): Machine {
  const hostName = hostname();
  const machineId = readTextIfThere('/etc/machine-id');
  const boot = readTextIfThere('/proc/sys/kernel/random/boot_id');
  const self = readProcess('self');
  // A /proc of another PID namespace than ours speaks of other processes.
  const facts = self?.pid === process.pid ? self : undefined;
  // Processes in the same namespaces see each other under the same ids and with the same start times.
  const pids = facts && readLinkIfThere('/proc/self/ns/pid');
  return {
    hostName,
    isUnique: machineId !== undefined,
    self: {
      host: shortHash(`${hostName} ${machineId ?? ''}`),
      boot: boot && shortHash(boot),
      namespace: pids && shortHash(`${pids} ${readLinkIfThere('/proc/self/ns/time') ?? ''}`),
      pid: process.pid,
      start: facts?.start,
    },
    startOf,
  };
}

function startOf(pid: number): string | undefined {
  const facts = readProcess(pid);
  if (facts !== undefined) return facts.isDead ? 'gone' : facts.start;
  // A process of another user is invisible too, where /proc is mounted with `hidepid`.
  return hasProcess(pid) ? undefined : 'gone';
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Reads what Linux tells of a process. It `isDead` until its parent has asked for its exit code. `start`: ticks since boot. */
export function readProcess(pid: number | 'self'): { pid: number; start: string; isDead: boolean } | undefined {
  const text = readTextIfThere(`/proc/${pid}/stat`);
  // Fields 3 and 22 of proc(5). The second one is the name in parentheses, and may itself contain spaces and parentheses.
  const { 0: state, 19: start } = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  if (text === undefined || state === undefined || start === undefined) return undefined;
  return { pid: Number.parseInt(text, 10), start, isDead: /[ZXx]/.test(state) };
}

export function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Journal of a process, as it stands in the names of its files. Hosts, boots and namespaces are hashes, to fit there. */
export interface Owner extends ProcessIdentity {
  /** Time in ms for which its files are its own without being renewed. Its own setting counts, not the reader's. */
  readonly leaseMs: number;
  /** Tells two journals of one process apart. */
  readonly nonce: string;
}

/** Stands in names for anything that the system does not tell. */
const UNKNOWN = 'x';
const HASH = '[0-9a-f]{12}';
const TOKEN = new RegExp(
  `^(${HASH})-(${HASH}|x)-(${HASH}|x)-([1-9]\\d{0,9})-(\\d{1,20}|x)-([1-9]\\d{0,15})-(${HASH})$`,
);

/** Formats the owner for names: lower-case letters, digits and hyphens. */
export function formatOwner(owner: Owner): string {
  const { host, boot = UNKNOWN, namespace = UNKNOWN, pid, start = UNKNOWN, leaseMs, nonce } = owner;
  return [host, boot, namespace, pid, start, leaseMs, nonce].join('-');
}

/** Parses what `formatOwner()` makes. `undefined` for anything else. */
export function parseOwner(text: string): Owner | undefined {
  const parts = TOKEN.exec(text)?.map((part) => (part === UNKNOWN ? undefined : part));
  if (parts === undefined) return undefined;
  const [, host = '', boot, namespace, pid, start, leaseMs, nonce = ''] = parts;
  return { host, boot, namespace, pid: Number(pid), start, leaseMs: Number(leaseMs), nonce };
}

/** Tells whether a file may be claimed. The lease counts only if the owner cannot be seen: it runs out in a shut laptop too. */
export function isOrphan(owner: Owner | undefined, renewedAt: number, machine: Machine): boolean {
  return owner === undefined || (isGone(owner, machine) ?? renewedAt + owner.leaseMs <= Date.now());
}

export const describeOwner = ({ host, pid }: Owner, { hostName, self }: Machine): string =>
  `pid ${pid} on ${host === self.host ? hostName : 'another host'}`;

/** Tells whether the owner has ended. `undefined` where that cannot be told from here. */
function isGone(owner: Owner, { self, isUnique, startOf }: Machine): boolean | undefined {
  if (owner.host !== self.host || owner.boot === undefined || self.boot === undefined) return undefined;
  // Machines that are namesakes always differ in the boot, so it proves nothing about them.
  if (owner.boot !== self.boot) return isUnique ? true : undefined;
  if (owner.namespace === undefined || owner.namespace !== self.namespace) return undefined;
  const start = startOf(owner.pid);
  return owner.start === undefined || start === undefined ? undefined : start !== owner.start;
}
