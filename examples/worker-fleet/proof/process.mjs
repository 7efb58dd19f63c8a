import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from './until.mjs';

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
