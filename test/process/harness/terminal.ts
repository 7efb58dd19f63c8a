import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, onTestFinished } from 'vitest';
import { leftOut } from '../../support/runtime.js';
import { Script, type Ending } from './script.js';

/** A script in a terminal of its own. */
export class Terminal extends Script {
  readonly #script: ChildProcess;

  constructor(script: ChildProcess, ended: Promise<{ ending: Ending; at: number }>) {
    super([script.stdout], ended);
    this.#script = script;
  }

  /** Ctrl+C: the terminal sends SIGINT to all processes in the foreground. */
  press(): void {
    this.#script.stdin?.write('\x03');
  }

  /** The window is closed: the terminal is gone, and the processes in it get SIGHUP. */
  close(): void {
    this.#script.kill('SIGKILL');
  }
}

/** Makes real terminals without a native dependency. The `script` of other systems has other options. */
const hasTerminals = isUtilLinux(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout);

/** There is no output, against its type, where there is no such command. */
function isUtilLinux(version: string | null): boolean {
  return version?.includes('util-linux') === true;
}

/** Tests that need a terminal: where there is none to be had, it says what was left out. */
export function describeInTerminal(name: string, tests: () => void): void {
  const reason = hasTerminals ? undefined : 'A terminal is made by script(1) of util-linux, not found here.';
  if (reason !== undefined) console.warn(`Left out: "${name}". ${reason}`);
  describe(name, leftOut(reason), tests);
}

const LAUNCHER = fileURLToPath(new URL('launcher.mjs', import.meta.url));

/** Runs a command in the foreground of a new terminal. */
export async function openTerminal(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string | undefined,
): Promise<Terminal> {
  const { path, launcher } = await listenForLauncher();
  const line = [process.execPath, LAUNCHER, path, ...command].map(quote).join(' ');
  // The shell stays: it leads the session, as in a window, and passes the end of the terminal on.
  const script = spawn('script', ['-qfec', `${line}; exit $?`, '/dev/null'], {
    env: { ...env, SHELL: '/bin/sh' },
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void script.kill('SIGKILL'));
  // Keys that are pressed after the end go nowhere.
  script.stdin.on('error', () => undefined);
  const closed = once(script, 'close');
  const ended = Promise.all([endingOf(launcher), closed]).then(([ending]) => ending);
  return new Terminal(script, ended);
}

/** A socket that the launcher connects to. It is cut when the test finishes, whereupon the launcher clears up. */
async function listenForLauncher(): Promise<{ path: string; launcher: Promise<Socket> }> {
  const folder = await mkdtemp(join(tmpdir(), 'genai-cancel-'));
  const path = join(folder, 'launcher');
  const server = createServer().listen(path);
  const onFinish: (() => unknown)[] = [() => server.close()];
  const launcher = new Promise<Socket>((resolve) => {
    server.once('connection', (socket) => {
      onFinish.push(() => socket.destroy());
      resolve(socket);
    });
  });
  onTestFinished(async () => {
    for (const finish of onFinish) finish();
    await rm(folder, { recursive: true });
  });
  await once(server, 'listening');
  return { path, launcher };
}

async function endingOf(launcher: Promise<Socket>): Promise<{ ending: Ending; at: number }> {
  let text = '';
  for await (const piece of await launcher) text += String(piece);
  const { code, signal, at, error } = JSON.parse(text) as {
    code: number;
    signal: NodeJS.Signals;
    at: number;
    error?: string;
  };
  if (error !== undefined) throw new Error(error);
  return { ending: [code, signal], at };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
