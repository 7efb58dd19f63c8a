/**
 * The second half of `npm run check:docs`: the TypeScript in the documents compiles against the built package, the JavaScript
 * runs and prints what is shown, the commands that they name exist, their pages are linked in order, and no sentence is too
 * long. (The first half is remark, which follows their links.)
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBlocks, checkCommands, checkOrder } from './check-docs/checks.mjs';
import { runBlocks } from './check-docs/run-blocks.mjs';
import { checkSentences } from './check-docs/sentences.mjs';
import { ROOT, output } from './support/command.mjs';

// The commands of an example are those of its own package.json.
const tracked = ['ls-files', '-co', '--exclude-standard', '*.md', ':!examples'];
const files = output('git', tracked, { cwd: ROOT }).split('\n').filter(Boolean);
const documents = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
const results = [];
for (const check of [checkBlocks, checkCommands, checkOrder, checkSentences, runBlocks]) {
  results.push(await check(documents));
}
const problems = results.flatMap((result) => result.problems);
for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else console.log(`✓ ${documents.length} documents: ${results.map(({ count, what }) => `${count} ${what}`).join(', ')}`);
