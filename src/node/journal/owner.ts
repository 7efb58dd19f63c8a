/**
 * A journal of a process, as far as it stands in the names of the files that it owns: what others need to see whether it
 * is still there. Hosts, boots and namespaces are hashes, so that they can be in a name everywhere.
 */
export interface Owner extends ProcessIdentity {
  /** How long its files are its own without being renewed, in ms: its own setting counts, not that of who looks. */
  readonly leaseMs: number;
  /** Tells two journals of one process apart. */
  readonly nonce: string;
}

/** A process, told apart from every other one that there ever was on any machine, where the system tells enough. */
export interface ProcessIdentity {
  readonly host: string;
  /** `undefined` where the system does not tell. */
  readonly boot: string | undefined;
  /** Within which its `pid` counts. `undefined` where the system does not tell. */
  readonly namespace: string | undefined;
  readonly pid: number;
  /** When it was started. `undefined` where the system does not tell. */
  readonly start: string | undefined;
}

/** In names: what the system does not tell. */
const UNKNOWN = 'x';
const hash = '[0-9a-f]{12}';
const token = new RegExp(
  `^(${hash})-(${hash}|x)-(${hash}|x)-([1-9]\\d{0,9})-(\\d{1,20}|x)-([1-9]\\d{0,15})-(${hash})$`,
);

/** The owner as it stands in names: lower-case letters, digits and hyphens. */
export function formatOwner({ host, boot, namespace, pid, start, leaseMs, nonce }: Owner): string {
  return [host, boot ?? UNKNOWN, namespace ?? UNKNOWN, pid, start ?? UNKNOWN, leaseMs, nonce].join('-');
}

/** `undefined` for what `formatOwner()` does not make. */
export function parseOwner(text: string): Owner | undefined {
  const parts = token.exec(text);
  if (parts === null) return undefined;
  const [, host = '', boot, namespace, pid, start, leaseMs, nonce = ''] = parts;
  return {
    host,
    boot: known(boot),
    namespace: known(namespace),
    pid: Number(pid),
    start: known(start),
    leaseMs: Number(leaseMs),
    nonce,
  };
}

function known(part: string | undefined): string | undefined {
  return part === UNKNOWN ? undefined : part;
}
