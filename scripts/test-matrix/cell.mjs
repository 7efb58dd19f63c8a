import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installedVersion } from '../check-package/consumer.mjs';
import { ROOT, inherit, output } from '../support/command.mjs';
import { readReports, whatIsWrong } from './report.mjs';
import { environmentWith, runtimeBinary } from './runtime-binary.mjs';
import { packagesFor, suitesOf } from './suites.mjs';

/** Runs the suite in one cell. Never throws: what went wrong is its `problem`. */
export function runCell(cell, folder) {
  const started = Date.now();
  const row = { cell };
  try {
    const binary = runtimeBinary(cell, join(folder, `${cell.runtime}${cell.major ?? ''}`));
    fill(row, join(folder, cell.name.replace('/', '-')), binary);
  } catch (error) {
    row.problem = error.message;
  }
  return { ...row, seconds: (Date.now() - started) / 1000 };
}

function fill(row, project, binary) {
  const { cell } = row;
  const node = cell.runtime === 'Node' ? binary : process.execPath;
  const env = environmentWith(node, { EXPECT_GENAI: String(cell.genai), CI: 'true' });
  const npm = (...args) => output('npm', args, { cwd: project, env });
  copyTree(project);
  npm('ci', '--prefer-offline');
  const version = installedVersion('vitest', project);
  npm('install', '--no-save', '--prefer-offline', `@google/genai@${cell.genai}`, ...packagesFor(cell, version));
  npm('run', 'build');
  const suites = suitesOf(cell, binary, node, project);
  const reports = suites.map((_, index) => join(project, `report-${index}.json`));
  const codes = [];
  for (const [index, { command, env: more }] of suites.entries()) {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reports[index]}`];
    codes.push(inherit([...command, ...reporters], { cwd: project, env: { ...env, ...more } }));
  }
  Object.assign(row, readReports(reports), { filesLeftOut: suites.flatMap(({ leftOut = [] }) => leftOut) });
  row.types = 'ok';
  try {
    npm('run', 'check:compile');
  } catch (error) {
    row.types = 'FAILED';
    console.error(error.message);
  }
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
