import { join } from 'node:path';
import { ROOT, output } from '../support/command.mjs';
import { divideTests } from './page/tests.mjs';

/**
 * How the suite runs on a runtime: one or more runs of vitest, whose tests together are the suite. Under Bun and Deno vitest
 * itself runs on them; but the tests with processes of their own are run by Node, on scripts that Bun or Deno run, since Deno
 * does not tell truly how its children have ended.
 */
export function suitesOf(cell, binary, node, project) {
  const vitest = join(project, 'node_modules/vitest/vitest.mjs');
  const runtime = { EXPECT_RUNTIME: `${cell.runtime} ${cell.major}` };
  if (cell.runtime === 'Node') {
    return [{ command: [node, vitest, 'run'], env: { ...runtime, EXPECT_SCRIPTS: `Node ${cell.major}.` } }];
  }
  if (cell.runtime === 'Chromium') return [pageSuite(vitest, binary, node, project)];
  const start = { Bun: [binary], Deno: [binary, 'run', '-A'] }[cell.runtime];
  const run = { Bun: [binary, '--bun'], Deno: start }[cell.runtime];
  const scripts = { TEST_SCRIPT_COMMAND: JSON.stringify(start), EXPECT_SCRIPTS: `${cell.runtime} ${cell.major}.` };
  return [
    { command: [...run, vitest, 'run', '--exclude', 'test/process/**'], env: runtime },
    { command: [node, vitest, 'run', 'test/process/'], env: scripts },
  ];
}

/** Lists the packages that only a page needs. Vitest and its browser provider must have the same version. */
export function packagesFor({ runtime }, vitestVersion) {
  return runtime === 'Chromium' ? [`@vitest/browser-playwright@${vitestVersion}`, 'playwright@^1.56.0'] : [];
}

function pageSuite(vitest, binary, node, project) {
  const files = output('git', ['ls-files', 'test/*.test.ts'], { cwd: ROOT }).split('\n').filter(Boolean);
  const { fit, leftOut } = divideTests(project, files);
  return {
    command: [node, vitest, 'run', '--config', join(project, 'scripts/test-matrix/page/vitest.config.mjs')],
    env: { CHROMIUM: binary, PAGE_TESTS: JSON.stringify(fit) },
    leftOut,
  };
}
