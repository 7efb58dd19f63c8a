import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, onExit } from '../support/command.mjs';
import { start } from '../support/stage.mjs';

const alive = new Set();
onExit(() => alive.forEach((child) => child.kill('SIGKILL')));

/** All processes that were started. The number of one is its place here, from 1. */
export const processes = [];

/** Starts `child.mjs` or `recoverer.mjs`. */
export function startProcess(script, given) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const pid = processes.length + 1;
  const options = { stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnvironment() };
  let said = '';
  const args = [path, JSON.stringify({ ...given, pid })];
  const { child, ended: end } = start(process.execPath, args, options);
  alive.add(child);
  const ended = end.then(({ text }) => {
    said = text;
    return alive.delete(child);
  });
  const one = {
    pid,
    isEndless: script === 'child.mjs',
    startedAt: Date.now(),
    /** Resolves when it has loaded everything, or has ended. */
    ready: Promise.race([once(child.stdout, 'data'), ended]),
    ended,
    killedAt: undefined,
    get hasEnded() {
      return !alive.has(child);
    },
    /** How it ended by itself; `undefined` if it was killed. */
    get ownEnd() {
      return child.signalCode === 'SIGKILL' ? undefined : { code: child.exitCode, signal: child.signalCode, said };
    },
    async kill() {
      one.killedAt = Date.now();
      child.kill('SIGKILL');
      await ended;
    },
  };
  processes.push(one);
  return one;
}
