import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, output } from '../support/command.mjs';
import { readReports, whatIsWrong } from './report.mjs';
import { environmentWith, runtimeBinary } from './runtime-binary.mjs';
import { packagesFor, suitesOf } from './suites.mjs';

/** Runs the suite in one cell. Never rejects: what went wrong is its `problem`. */
export async function runCell(cell, folder) {
  const started = Date.now();
  const row = { cell };
  try {
    const binary = runtimeBinary(cell, join(folder, `${cell.runtime}${cell.major ?? ''}`));
    await fill(row, join(folder, cell.name.replace('/', '-')), binary);
  } catch (error) {
    row.problem = error.message;
  }
  return { ...row, seconds: (Date.now() - started) / 1000 };
}

async function fill(row, project, binary) {
  const { cell } = row;
  const node = cell.runtime === 'Node' ? binary : process.execPath;
  const env = environmentWith(node, { EXPECT_GENAI: String(cell.genai), CI: 'true' });
  const npm = (...args) => output('npm', args, { cwd: project, env });
  copyTree(project);
  npm('ci', '--prefer-offline');
  const { version } = JSON.parse(readFileSync(join(project, 'node_modules/vitest/package.json'), 'utf8'));
  npm('install', '--no-save', '--prefer-offline', `@google/genai@${cell.genai}`, ...packagesFor(cell, version));
  npm('run', 'build');
  const suites = suitesOf(cell, binary, node, project);
  const reports = suites.map((_, index) => join(project, `report-${index}.json`));
  const codes = [];
  for (const [index, { command, env: more }] of suites.entries()) {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reports[index]}`];
    codes.push(await inherit([...command, ...reporters], { cwd: project, env: { ...env, ...more } }));
  }
  Object.assign(row, readReports(reports), { filesLeftOut: suites.flatMap(({ leftOut = [] }) => leftOut) });
  row.types = passes(() => npm('run', 'check:compile'));
  row.problem = whatIsWrong(cell, row, codes) ?? (row.types === 'ok' ? undefined : 'the types do not fit this SDK');
}

/** Copies the tracked files in their present state, without builds and stray files. */
function copyTree(project) {
  const files = output('git', ['ls-files', '-z'], { cwd: ROOT }).split('\0').filter(Boolean);
  for (const file of files.filter((name) => existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    cpSync(join(ROOT, file), join(project, file));
  }
}

async function inherit([command, ...args], options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = await once(child, 'exit');
  return code ?? signal;
}

function passes(run) {
  try {
    run();
    return 'ok';
  } catch (error) {
    console.error(error.message);
    return 'FAILED';
  }
}
