import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFailed, onTestFinished } from 'vitest';
import type { OperationOptions } from '../../../src/api/options.js';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../../src/testing/http/index.js';
import { SCRIPT_COMMAND } from './script-command.js';
import { Script, type Ending } from './script.js';
import { openTerminal, type Terminal } from './terminal.js';

/** The options that a fixture gets. */
export interface FixtureOptions {
  /** The options of its `cancelable()`. */
  options?: OperationOptions;
  /** Which environment variables it has besides. */
  env?: Record<string, string>;
  cwd?: string;
}

/** A script with its own pipes, which the test may send signals and cut off. */
export interface PipedScript extends Script {
  readonly child: ChildProcess;
}

export interface Stage {
  readonly emulator: Emulator;
  /** The address that it listens on. */
  readonly url: string;
  /** Runs a command with pipes for its output. */
  readonly run: (command: readonly string[], fixture?: FixtureOptions) => PipedScript;
  /** Runs a command in a terminal of its own. */
  readonly inTerminal: (command: readonly string[], fixture?: FixtureOptions) => Promise<Terminal>;
}

/** Jobs that no test waits for: what ends one is a cancel. */
const FOR_EVER_MS = 600_000;

/** An emulated Google on a real port, and processes that talk to it. All of it is gone when the test has finished. */
export async function setUp(options: EmulatorOptions = {}): Promise<Stage> {
  requireBuild();
  const emulator = createEmulator({ queueMs: 0, workMs: FOR_EVER_MS, ...options });
  const server = await emulator.listen();
  onTestFinished(async () => {
    await server.close();
    emulator.reset();
  });
  const environment = (fixture: FixtureOptions): NodeJS.ProcessEnv => ({
    ...cleanEnvironment(),
    EMULATOR_URL: server.url,
    CLIENT_OPTIONS: JSON.stringify(fixture.options ?? {}),
    ...fixture.env,
  });
  return {
    emulator,
    url: server.url,
    run: (command, fixture = {}) => tellIfFailed(run(command, environment(fixture), fixture.cwd)),
    inTerminal: async (command, fixture = {}) =>
      tellIfFailed(await openTerminal(command, environment(fixture), fixture.cwd)),
  };
}

/** The command that runs a fixture. */
export function fixture(name: string, ...args: readonly string[]): string[] {
  return [...SCRIPT_COMMAND, fixturePath(name), ...args];
}

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}.mjs`, import.meta.url));
}

function run([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv, cwd: string | undefined): PipedScript {
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let at = 0;
  child.once('exit', () => (at = Date.now()));
  const ended = new Promise<{ ending: Ending; at: number }>((resolve, reject) => {
    child.once('close', (...ending) => resolve({ ending, at }));
    child.once('error', reject);
  });
  return Object.assign(new Script([child.stdout, child.stderr], ended), { child });
}

/** The fixtures import the package by its name, as a user would: what they get is `dist/`. */
function requireBuild(): void {
  const built = fileURLToPath(new URL('../../../dist/node.js', import.meta.url));
  if (!existsSync(built)) throw new Error(`${built} is missing: run \`npm run build\` first (\`npm test\` does).`);
}

/** Without what the test runner, npm or the developer's own Google account left in it. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const unwanted = /^(npm_|NODE_|VITEST|GOOGLE_|GEMINI_|FORCE_COLOR$|TEST$)/;
  const kept = Object.entries(process.env).filter(([name]) => !unwanted.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}

function tellIfFailed<T extends Script>(script: T): T {
  onTestFailed(() => console.log(`What the process said:\n${script.output}`));
  return script;
}
