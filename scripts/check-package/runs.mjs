import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from '../support/command.mjs';

/** The package is imported, required and run as a command. The programs are those of test/package/consumer. */
export function checkRuns({ path, installed, env }) {
  const run = (...args) => output(process.execPath, args, { cwd: path, env });
  run('run.mjs');
  const requires = Boolean(process.features.require_module);
  if (requires) run('run.cjs');
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const said = output('npx', ['--no-install', 'genai-cancel', '--version'], { cwd: path, env }).trim();
  if (said !== version) throw new Error(`genai-cancel --version said ${said} instead of ${version}`);
  return `import, ${requires ? 'require' : 'no require (this Node cannot)'}, genai-cancel ${said}`;
}
