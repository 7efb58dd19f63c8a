import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { leftOutFor, SCRIPT_COMMAND, SCRIPT_COMMAND_LINE, SCRIPT_RUNTIME } from './harness/script-command.js';
import { fixturePath, setUp } from './harness/set-up.js';
import { describeInTerminal } from './harness/terminal.js';
import { CANCELLED_ONCE, gone, inFlight, wire } from './harness/wire.js';

/** Long enough for a wrapper to leave, or to lose its patience, before the server has confirmed the end. */
const LAG = { faults: [{ kind: 'cancel-lag', ms: 700 } as const] };

const SCRIPT = `${SCRIPT_COMMAND_LINE} "${fixturePath('generate')}"`;

describeInTerminal('one Ctrl+C in a terminal, with a wrapper around the script', () => {
  test.each([
    ['npm run', ['npm', 'run', 'generate']],
    ['npm run with exec', ['npm', 'run', 'generate:exec']],
    ['npx', ['npx', '--no-install', 'generate']],
    ...ownWrapper(),
    ['npm exec', ['npm', 'exec', '--no-install', 'generate']],
    // With job control, as at a prompt: else `timeout` would not be in the foreground.
    ['timeout', ['bash', '-c', `set -m; timeout 50 ${SCRIPT}; exit $?`]],
  ])('%s: the job is cancelled once, and no process stays', async (_, command) => {
    const { emulator, inTerminal } = await setUp(LAG);
    const wrapper = await inTerminal(command, { cwd: await createProject(), env: NPM_SETTINGS });
    const pid = await wrapper.pid();
    await inFlight(emulator);
    wrapper.press();
    expect(await wrapper.ended).not.toEqual([0, null]);
    await gone(pid);
    expect(wire(emulator)).toEqual(CANCELLED_ONCE);
  });

  const otherWatch = 'What `node --watch` starts is Node.';
  test(
    'node --watch, which passes the signal on that the script has got already',
    leftOutFor({ Bun: otherWatch, Deno: otherWatch }),
    async () => {
      const { emulator, inTerminal } = await setUp(LAG);
      const watcher = await inTerminal([process.execPath, '--watch', fixturePath('generate')]);
      const pid = await watcher.pid();
      await inFlight(emulator);
      watcher.press();
      await watcher.ended;
      await gone(pid);
      expect(wire(emulator)).toEqual(CANCELLED_ONCE);
      expect(watcher.output).toContain('images: 1 cancelled (confirmed by the server).');
    },
  );
});

/** Returns the command by which the runtime itself starts the scripts of a package. */
function ownWrapper(): [string, string[]][] {
  const [command = ''] = SCRIPT_COMMAND;
  if (SCRIPT_RUNTIME === 'Bun') return [['bun run', [command, 'run', 'generate']]];
  return SCRIPT_RUNTIME === 'Deno' ? [['deno task', [command, 'task', 'generate']]] : [];
}

/** npm asks nobody, and does not look for a newer version of itself. */
const NPM_SETTINGS = { npm_config_update_notifier: 'false', npm_config_offline: 'true' };

/** A project with the fixture as a script, and as a command of a package. */
async function createProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'genai-cancel-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const scripts = { generate: SCRIPT, 'generate:exec': `exec ${SCRIPT}` };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'wrapped', private: true, scripts }));
  const bin = join(folder, 'node_modules', '.bin');
  await mkdir(bin, { recursive: true });
  const program = join(folder, 'generate.mjs');
  await writeFile(
    program,
    `#!/usr/bin/env -S ${SCRIPT_COMMAND_LINE}\nawait import(${JSON.stringify(fixturePath('generate'))});\n`,
  );
  await chmod(program, 0o755);
  await symlink(program, join(bin, 'generate'));
  return folder;
}
