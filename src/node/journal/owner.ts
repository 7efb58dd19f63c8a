import type { Machine, ProcessIdentity } from './machine.js';

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

/**
 * Tells whether a file may be claimed. What is seen of its owner decides, because a lease also runs out while a laptop is
 * shut. Where the owner cannot be seen, the lease decides.
 */
export function isOrphan(owner: Owner | undefined, renewedAt: number, machine: Machine): boolean {
  return owner === undefined || (isGone(owner, machine) ?? renewedAt + owner.leaseMs <= Date.now());
}

/** Describes the owner in words for people. */
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
