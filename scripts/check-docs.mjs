/**
 * The second half of `npm run check:docs`: the TypeScript in the documents compiles against the built package, and the commands
 * that they name exist. (The first half is remark, which follows their links.) Says one line when all is well.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBlocks, checkCommands } from './check-docs/checks.mjs';
import { ROOT, output } from './support/command.mjs';

// The commands of an example are those of its own package.json.
const tracked = ['ls-files', '-co', '--exclude-standard', '*.md', ':!examples'];
const files = output('git', tracked, { cwd: ROOT }).split('\n').filter(Boolean);
const documents = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
const checks = [checkBlocks, checkCommands].map((check) => check(documents));
const problems = checks.flatMap((check) => check.problems);
for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else console.log(`✓ ${documents.length} documents: ${checks.map(({ count, what }) => `${count} ${what}`).join(', ')}`);
