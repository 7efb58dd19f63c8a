import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from '../support/command.mjs';
import { start } from '../support/stage.mjs';

const TIMEOUT_MS = 60_000;
/** The status stream is open by then, and has said what it knows. */
const PRESS_AFTER_MS = 500;

/**
 * Runs a program in a folder of its own inside of the application, against a `genai-cancel emulator` of its own. Resolves to its
 * end, its output and the ends of the jobs. With `isPressed`, Ctrl+C interrupts it while its job runs.
 */
export async function runProgram({ path, node }, code, { emulated = [], env = {}, isPressed = false } = {}) {
  const cwd = mkdtempSync(join(path, 'run-'));
  writeFileSync(join(cwd, 'program.mjs'), code);
  const command = join(path, 'node_modules/.bin/genai-cancel');
  const emulator = start(node, [command, 'emulator', ...emulated], { env: cleanEnvironment() });
  const [, url, key] = await emulator.said(/^export GOOGLE_GEMINI_BASE_URL=(\S+)\nexport GEMINI_API_KEY=(\S+)$/m);
  const given = { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key, XDG_STATE_HOME: cwd, ...env };
  const options = { cwd, env: cleanEnvironment(given), timeout: TIMEOUT_MS, killSignal: 'SIGKILL' };
  const { child, ended } = start(node, ['program.mjs'], options);
  const press = () => setTimeout(() => child.kill('SIGINT'), PRESS_AFTER_MS);
  if (isPressed) emulator.said(/: in_progress$/m).then(press, () => undefined);
  const end = await ended;
  emulator.child.kill('SIGINT');
  const { text } = await emulator.ended;
  return { ...end, jobs: /^Requests: \d+\. Jobs: \d+ \((.+?)\)/m.exec(text)?.[1] ?? 'none' };
}
