/**
 * `npm run check:docs`: the TypeScript in the documents compiles against the built package, their links and anchors lead
 * somewhere, and the commands they name exist. Says one line when all is well.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBlocks } from './check-docs/blocks.mjs';
import { checkCommands } from './check-docs/commands.mjs';
import { checkLinks } from './check-docs/links.mjs';
import { parseMarkdown } from './check-docs/markdown.mjs';
import { ROOT } from './support/command.mjs';

function documentFiles() {
  const top = readdirSync(ROOT).filter((file) => file.endsWith('.md'));
  const folder = join(ROOT, 'docs');
  const docs = existsSync(folder) ? readdirSync(folder, { recursive: true }).map((file) => `docs/${file}`) : [];
  return [...top, ...docs.filter((file) => file.endsWith('.md'))].sort();
}

const documents = documentFiles().map((file) => parseMarkdown(file, readFileSync(join(ROOT, file), 'utf8')));
const checks = [checkBlocks, checkLinks, checkCommands].map((check) => check(documents));
const problems = checks.flatMap((check) => check.problems);
for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else console.log(`✓ ${documents.length} documents: ${checks.map(({ count, what }) => `${count} ${what}`).join(', ')}`);
