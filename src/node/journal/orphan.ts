import { GONE, type Machine } from './machine.js';
import type { Owner } from './owner.js';

/**
 * Whether a file may be claimed. Where it can be seen what became of the owner, that decides: a lease runs out as well when
 * the lid of a laptop is shut. Elsewhere the lease decides.
 */
export function isOrphan(owner: Owner | undefined, renewedAt: number, machine: Machine): boolean {
  if (owner === undefined) return true;
  return isGone(owner, machine) ?? renewedAt + owner.leaseMs <= Date.now();
}

/** Who has a file, in words for people. */
export function describeOwner({ host, pid }: Owner, { hostName, self }: Machine): string {
  return `pid ${pid} on ${host === self.host ? hostName : 'another host'}`;
}

/** `undefined` where it cannot be told from here. */
function isGone(owner: Owner, { self, isUnique, startOf }: Machine): boolean | undefined {
  if (owner.host !== self.host || owner.boot === undefined || self.boot === undefined) return undefined;
  // Machines that are namesakes always differ in the boot, and so it says nothing of them.
  if (owner.boot !== self.boot) return isUnique ? true : undefined;
  if (owner.namespace === undefined || owner.namespace !== self.namespace || owner.start === undefined)
    return undefined;
  const start = startOf(owner.pid);
  return start === undefined ? undefined : start === GONE || start !== owner.start;
}
