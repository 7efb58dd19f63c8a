import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { run } from '../../../src/cli/run.js';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../../src/testing/http/index.js';
import { temporaryFolder } from '../temporary-folder.js';

/** The built command, as it is packed. */
const CLI = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

export const KEY = 'a-secret-key';
export const PROMPT = 'a secret lighthouse';

/** All that the command takes from its environment. */
const variables = [
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_GEMINI_BASE_URL',
  'XDG_STATE_HOME',
  'NO_COLOR',
  'CI',
  'TERM',
];

/** The output of a command, and its exit code. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process has ended. */
export interface ProcessEnded extends Ended {
  readonly signal: NodeJS.Signals | null;
}

/** Runs the command in this process, with streams that are no terminals unless told so, and nothing in its environment but what is given. */
export async function runHere(
  args: readonly string[],
  environment: Record<string, string>,
  input = '',
  terminal: { stdin?: boolean; stderr?: boolean } = {},
): Promise<Ended> {
  const given: Record<string, string> = { XDG_STATE_HOME: temporaryFolder(), ...environment };
  for (const name of variables) vi.stubEnv(name, given[name]);
  onTestFinished(() => void vi.unstubAllEnvs());
  const said = { stdout: '', stderr: '' };
  // The library warns here when nobody listens.
  const console = vi
    .spyOn(globalThis.console, 'warn')
    .mockImplementation((text) => (said.stderr += `${String(text)}\n`));
  const code = await run(args, {
    stdin: Object.assign(Readable.from([Buffer.from(input)]), { isTTY: terminal.stdin }),
    stdout: { write: (text) => (said.stdout += text) },
    stderr: { write: (text) => (said.stderr += text), isTTY: terminal.stderr },
    env: process.env,
  });
  console.mockRestore();
  return { code, ...said };
}

/** The built command in a process of its own, as in a shell whose terminal is not connected. */
export class CommandProcess {
  readonly #child;
  readonly #ended: Promise<ProcessEnded>;
  readonly #waiting = new Set<() => void>();
  #stdout = '';
  #stderr = '';

  constructor(
    args: readonly string[],
    environment: Record<string, string>,
    input = '',
    { stdout = 'pipe', ...options }: { cwd?: string; uid?: number; stdout?: 'pipe' | 'ignore' | number } = {},
  ) {
    const { PATH = '' } = process.env;
    // Nothing of the user's own journal is read or written.
    const elsewhere = { XDG_STATE_HOME: temporaryFolder() };
    const child = spawn(process.execPath, [CLI, ...args], {
      ...options,
      stdio: ['pipe', stdout, 'pipe'],
      env: { PATH, ...elsewhere, ...environment },
    });
    this.#child = child;
    child.stdout?.on('data', (chunk) => {
      this.#stdout += String(chunk);
      this.#look();
    });
    child.stderr?.on('data', (chunk) => {
      this.#stderr += String(chunk);
      this.#look();
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    this.#ended = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
    onTestFinished(() => void child.kill('SIGKILL'));
  }

  get ended(): Promise<ProcessEnded> {
    return this.#ended;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Breaks the pipe that it writes its results, or its messages, to. */
  breakPipe(name: 'stdout' | 'stderr'): void {
    this.#child[name]?.destroy();
  }

  /** Resolves to the match when it has said so on either stream; rejects when it ended before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const said = new Promise<RegExpExecArray>((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.#stdout + this.#stderr);
        if (match === null) return;
        this.#waiting.delete(look);
        resolve(match);
      };
      this.#waiting.add(look);
      look();
    });
    const ended = this.#ended.then(({ stdout, stderr }) => {
      const match = pattern.exec(stdout + stderr);
      if (match === null) throw new Error(`It never said ${String(pattern)}:\n${stdout}${stderr}`);
      return match;
    });
    return Promise.race([said, ended]);
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** A server, a journal, and the command in an environment that leads to both. */
export interface Setting {
  readonly emulator: Emulator;
  /** Runs the command in this process. */
  readonly run: (
    args: readonly string[],
    input?: string,
    terminal?: { stdin?: boolean; stderr?: boolean },
  ) => Promise<Ended>;
  /** Starts the command in a process of its own: for signals and pipes. */
  readonly start: (args: readonly string[], input?: string) => CommandProcess;
  /** The folder of the journal. */
  readonly journal: string;
  /** The address of the server. */
  readonly url: string;
}

export async function setUp(options: EmulatorOptions = {}): Promise<Setting> {
  const emulator = createEmulator({ queueMs: 0, workMs: 100, apiKey: KEY, ...options });
  const server = await emulator.listen();
  onTestFinished(async () => {
    await server.close();
    emulator.reset();
  });
  const state = temporaryFolder();
  const environment = { GOOGLE_GEMINI_BASE_URL: server.url, GEMINI_API_KEY: KEY, XDG_STATE_HOME: state };
  return {
    emulator,
    run: (args, input, terminal) => runHere(args, environment, input, terminal),
    start: (args, input) => new CommandProcess(args, environment, input),
    journal: join(state, 'genai-cancel', 'journal'),
    url: server.url,
  };
}
