import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { SCRIPT_COMMAND } from '../harness/script-command.js';

/** A process that is gone when the test has finished, and what it says, line by line. */
export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly lines: AsyncIterator<string, undefined>;
  /** Settles when it has ended. */
  readonly ended: Promise<unknown>;
  readonly tell: (line: string) => void;
}

/** Runs a fixture, which imports the package by its name: what it gets is `dist/`. */
export function runFixture(name: string, ...args: readonly string[]): Child {
  return run(...SCRIPT_COMMAND, fixturePath(name), ...args);
}

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));
}

export function run(...[command = '', ...args]: readonly string[]): Child {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  return {
    process: child,
    pid: child.pid ?? 0,
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    ended: once(child, 'exit'),
    tell: (line) => void child.stdin.write(`${line}\n`),
  };
}

/** The next line; rejects if there is none any more. */
export async function nextLine({ lines }: Child): Promise<string> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error('It has ended without another word.');
  return value;
}
