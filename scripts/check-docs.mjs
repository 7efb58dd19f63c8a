/**
 * The second half of `npm run check:docs`: the TypeScript in the documents compiles against the built package, the commands that
 * they name exist, their pages are linked in order, and no sentence is too long. (The first half is remark, which follows
 * their links; `npm run check:examples` runs the JavaScript.)
 */
import { checkBlocks, checkCommands, checkOrder } from './check-docs/checks.mjs';
import { documents } from './check-docs/documents.mjs';
import { checkSentences } from './check-docs/sentences.mjs';

const results = [checkBlocks, checkCommands, checkOrder, checkSentences].map((check) => check(documents));
const problems = results.flatMap((result) => result.problems);
for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else console.log(`✓ ${documents.length} documents: ${results.map(({ count, what }) => `${count} ${what}`).join(', ')}`);
