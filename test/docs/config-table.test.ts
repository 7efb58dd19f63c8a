import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { configRules, type ConfigRule, type Target } from '../../src/google/config-table.js';

const page = new URL('../../docs/options.md', import.meta.url);
const marked = /(?<=<!-- config-table -->\n).*?(?=<!-- \/config-table -->)/s;

const columns: Readonly<Record<Target, string>> = {
  interactions: 'interactions',
  gemini: 'models and batches, Gemini API',
  vertex: 'models, Vertex',
  imagen: 'models, Imagen on Vertex',
};

const cellOf = (rule: ConfigRule): string => (rule.honoured ? rule.how : `refused. ${rule.instead}`);

function rowOf([name, rules]: [string, Record<Target, ConfigRule>]): string {
  const cells = Object.keys(columns).map((target) => cellOf(rules[target as Target]));
  return `| \`${name}\` | ${cells.join(' | ')} |`;
}

/** `UPDATE_DOCS=1 npx vitest run test/docs` writes it. */
it('the table in docs/options.md is the one that the code uses', async () => {
  const heads = Object.values(columns);
  const table = [
    `| \`config.…\` | ${heads.join(' | ')} |`,
    `| --- |${' --- |'.repeat(heads.length)}`,
    ...Object.entries(configRules).map(rowOf),
  ].join('\n');
  const formatted = `\n${await format(table, { parser: 'markdown' })}\n`;
  const text = readFileSync(page, 'utf8');
  if (process.env['UPDATE_DOCS'] === '1')
    writeFileSync(
      page,
      text.replace(marked, () => formatted),
    );
  expect(marked.exec(readFileSync(page, 'utf8'))?.[0]).toBe(formatted);
});
