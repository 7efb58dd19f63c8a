import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { interactionsConfigRules, type ConfigRule } from '../../src/images/config-table.js';

const readme = new URL('../../README.md', import.meta.url);
const marked = /(?<=<!-- config-table -->\n).*?(?=<!-- \/config-table -->)/s;

function rowOf(name: string, rule: ConfigRule): string {
  return rule.honoured ? `| \`${name}\` | yes | ${rule.how} |` : `| \`${name}\` | refused | ${rule.instead} |`;
}

/** `UPDATE_DOCS=1 npx vitest run test/docs` writes it. */
it('the table of the README is the one that the code uses', async () => {
  const rows = Object.entries(interactionsConfigRules).map(([name, rule]) => rowOf(name, rule));
  const table = ['| `config.…` | honoured | how, or what to do instead |', '| --- | --- | --- |', ...rows].join('\n');
  const formatted = `\n${await format(table, { parser: 'markdown' })}\n`;
  const text = readFileSync(readme, 'utf8');
  if (process.env['UPDATE_DOCS'] === '1')
    writeFileSync(
      readme,
      text.replace(marked, () => formatted),
    );
  expect(marked.exec(readFileSync(readme, 'utf8'))?.[0]).toBe(formatted);
});
