import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What would bring Node's types into every program that uses the package; the SDK's types would, too. */
const UNWANTED = [
  /['"]node:/,
  /\bNodeJS\b/,
  /\bBuffer\b/,
  /reference types=/,
  /(?:from|import\() ?['"](?:@google\/genai|msw|eventemitter3|p-retry)/,
];

/** The declarations need nothing but each other: no types of Node, of the SDK or of a dependency. */
export function checkDeclarations({ installed }) {
  const files = readdirSync(join(installed, 'dist'), { recursive: true }).filter((file) => file.endsWith('.d.ts'));
  for (const file of files) {
    const text = readFileSync(join(installed, 'dist', file), 'utf8');
    const found = UNWANTED.map((pattern) => pattern.exec(text)?.[0]).find((match) => match !== undefined);
    if (found !== undefined) throw new Error(`dist/${file} says ${found}`);
  }
  return `${files.length} files that know no runtime`;
}
