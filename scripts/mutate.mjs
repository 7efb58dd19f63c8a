/**
 * `npm run mutate`: breaks `stop/`, `operation/` and `backends/` in small ways, one at a time and in a copy, and tells what no test
 * has noticed. `-- --only stop`, or paths of files, for some of it. What is known from an earlier run, and has not changed since,
 * is not tried again; `--force` does. Exit code 1 below 85 % in any folder.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { checkTests } from './mutate/check.mjs';
import { forgetDoubtful } from './mutate/earlier.mjs';
import { list, mutantsIn, scores, staleIn, survivorsIn, table } from './mutate/report.mjs';
import config from './mutate/stryker.config.mjs';
import { FOLDERS } from './mutate/tests.mjs';
import { ROOT } from './support/command.mjs';

const WANTED_PERCENT = 85;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true, default: [] }, force: { type: 'boolean', default: false } },
});
const startedAt = performance.now();
const named = [...values.only.map((folder) => `src/${folder}`), ...positionals];
const paths = named.length === 0 ? FOLDERS.map((folder) => `src/${folder}`) : named;
const isWanted = (file) => paths.some((path) => file === path || file.startsWith(`${path}/`));

process.chdir(ROOT);
console.log(`${await checkTests()} tests, each twice: none fails without a mutant.`);
forgetDoubtful(config.incrementalFile);
const mutate = paths.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.ts`));
await new Stryker({ ...config, mutate, force: values.force }).runMutationTest();

const report = JSON.parse(readFileSync(join(ROOT, config.jsonReporter.fileName), 'utf8'));
const mutants = mutantsIn(report, isWanted);
const survivors = survivorsIn(mutants);
const rows = scores(mutants);
const unexplained = survivors.filter(({ explanation }) => explanation === undefined);
const stale = staleIn(survivors, isWanted);
const text = [
  table(rows),
  `\n${survivors.length} survivors, ${unexplained.length} of them without a reason in scripts/mutate/survivors.mjs:\n`,
  list(survivors),
  ...stale.map(({ file, mutant }) => `A reason without a survivor: ${file} ${mutant}`),
  `\n${((performance.now() - startedAt) / 60_000).toFixed(1)} min`,
].join('\n');
console.log(`\n${text}`);
writeFileSync('out/mutate/survivors.txt', `${text}\n`);

const low = rows.filter((row) => row['%'] < WANTED_PERCENT).map(({ folder }) => folder);
if (low.length > 0) console.log(`Less than ${WANTED_PERCENT} % in ${low.join(', ')}.`);
process.exitCode = low.length > 0 ? 1 : 0;
