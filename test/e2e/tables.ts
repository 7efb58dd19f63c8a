import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect } from 'vitest';

const PAGE = fileURLToPath(new URL('../../docs/proxies.md', import.meta.url));

/** Holds a table of docs/proxies.md to these rows; with `WRITE_TABLES=1` it writes them there. */
export async function expectTable(name: string, rows: readonly (readonly string[])[]): Promise<void> {
  const [head = [], ...body] = rows;
  const lines = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
  const [opening, closing] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const text = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = text.split(opening);
  const after = rest.split(closing)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no ${opening} and ${closing}.`);
  const unformatted = `${before}${opening}\n\n${lines.join('\n')}\n\n${closing}${after}`;
  const wanted = await format(unformatted, { ...(await resolveConfig(PAGE)), filepath: PAGE });
  if (process.env['WRITE_TABLES'] === '1') writeFileSync(PAGE, wanted);
  else expect(text, `${PAGE}: WRITE_TABLES=1 npm run test:e2e writes it`).toBe(wanted);
}

/** The configurations on the page, in order. */
export function configurations(): readonly string[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(/^```nginx\n([^]*?)^```$/gm)].map(([, text = '']) => text);
}
