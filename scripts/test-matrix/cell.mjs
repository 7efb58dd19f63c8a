import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, output } from '../support/command.mjs';
import { environmentWith, nodeFolder } from './node-binary.mjs';

/** The name that test/package/versions.test.ts gives its test: the proof of what the suite ran on. */
const PROOF = /runs on Node (\S+) with @google\/genai (\S+)$/;

/** Runs the suite in one cell. Never rejects: what went wrong is its `problem`. */
export async function runCell(cell, folder) {
  const started = Date.now();
  const row = { cell };
  try {
    await fill(row, join(folder, cell.name.replace('/', '-')), nodeFolder(cell.node, join(folder, `node${cell.node}`)));
  } catch (error) {
    row.problem = error.message;
  }
  return { ...row, seconds: (Date.now() - started) / 1000 };
}

async function fill(row, project, bin) {
  const { node, genai } = row.cell;
  const env = environmentWith(bin, { EXPECT_NODE: String(node), EXPECT_GENAI: String(genai), CI: 'true' });
  const npm = (...args) => output('npm', args, { cwd: project, env });
  copyTree(project);
  npm('ci', '--prefer-offline');
  npm('install', '--no-save', '--prefer-offline', `@google/genai@${genai}`);
  npm('run', 'build');
  const report = join(project, 'report.json');
  const vitest = [join(project, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json'];
  const code = await inherit(join(bin, 'node'), [...vitest, `--outputFile.json=${report}`], { cwd: project, env });
  Object.assign(row, readReport(report));
  row.types = passes(() => npm('run', 'types'));
  row.problem = whatIsWrong(row, code);
}

/** What git knows, as it is now: neither what was built nor what lies about. */
function copyTree(project) {
  const files = output('git', ['ls-files', '-z'], { cwd: ROOT }).split('\0').filter(Boolean);
  for (const file of files.filter((name) => existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    cpSync(join(ROOT, file), join(project, file));
  }
}

async function inherit(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = await once(child, 'exit');
  return code ?? signal;
}

function readReport(file) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const passed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed');
  const [, node, genai] = passed.map(({ title }) => PROOF.exec(title)).find((match) => match !== null) ?? [];
  return {
    counts: { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests },
    versions: node === undefined ? undefined : { node, genai },
  };
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

function whatIsWrong({ cell, counts, versions, types }, code) {
  if (code !== 0) return `vitest ended with ${code}, ${counts.failed} tests failed`;
  if (versions === undefined) return 'the run does not prove which versions it was on';
  const fits = versions.node.startsWith(`${cell.node}.`) && versions.genai.startsWith(`${cell.genai}.`);
  if (!fits) return `it ran on Node ${versions.node} with @google/genai ${versions.genai}`;
  return types === 'ok' ? undefined : 'the types do not fit this SDK';
}
