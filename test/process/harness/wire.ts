import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Emulator } from '../../../src/testing/http/index.js';

/** Tells what the server saw: how many creates and cancels, and how each job ended, `running` if it has not. */
export function wire({ meter }: Emulator): { creates: number; cancels: number; jobs: string[] } {
  return {
    creates: meter.requestsTo('create').length,
    cancels: meter.requestsTo('cancel').length,
    jobs: meter.jobs.map(({ endReason }) => endReason ?? 'running'),
  };
}

/** One job, cancelled by one request. */
export const CANCELLED_ONCE = { creates: 1, cancels: 1, jobs: ['cancelled'] };

/** One job that nobody stopped. */
export const LEFT_RUNNING = { creates: 1, cancels: 0, jobs: ['running'] };

/** Resolves when so many jobs run and are watched, so that the client knows their names. */
export async function inFlight(emulator: Emulator, jobs = 1): Promise<void> {
  await emulator.waitFor(({ requests }) => {
    const watched = requests.filter(({ route, answeredAt }) => route === 'stream' && answeredAt !== undefined);
    return new Set(watched.map(({ job }) => job)).size === jobs;
  });
}

/** Resolves when the clients of all streams have gone: what they had sent has arrived by then. */
export async function clientsGone(emulator: Emulator): Promise<void> {
  await emulator.waitFor(({ openStreams }) => openStreams === 0);
}

/** Resolves when no process has this id any more: for those whose end nobody tells. */
export async function gone(pid: number): Promise<void> {
  while (exists(pid)) await delay(20);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // An orphan that has ended stays a zombie where PID 1 does not collect it, as in many containers.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    // No /proc on this system: then the first line has answered.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync('/proc/self');
  }
}
