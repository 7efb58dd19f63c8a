import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** One program of the example, as a process of its own: as it would run on a machine of its own. */
export class Process {
  output = '';

  constructor(program, args, env) {
    const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
    this.child = spawn(process.execPath, [path, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.name = `${program} (pid ${this.child.pid})`;
    this.closed = once(this.child, 'close').then(([code, signal]) => code ?? signal);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.output += text));
    }
  }

  hasSaid(line) {
    return line.test(this.output);
  }

  says(line) {
    return until(`${this.name} says ${line}`, () => this.hasSaid(line));
  }

  signal(name) {
    this.child.kill(name);
    return this.closed;
  }
}

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
