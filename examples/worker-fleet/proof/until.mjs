import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 60_000;

/** Asks until `isSo()` is, or resolves to, something true: what other processes do tells nobody. That it never is so is a failure. */
export async function until(what, isSo) {
  const end = Date.now() + TIMEOUT_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`Waited in vain until ${what}.`);
    await sleep(20);
  }
  return true;
}
