import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/command.mjs';

const COMMAND = /\bnpm (?:run(?:-script)?(?: --?[\w-]+)* ([a-z][\w:-]*)|(test|start)\b)/g;

/** Every `npm run x` that a document mentions, in prose or in code, is a script of package.json. */
export function checkCommands(documents) {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = documents.flatMap(({ file, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        [...line.matchAll(COMMAND)].map(([, run, short]) => ({ name: run ?? short, file, index })),
      ),
  );
  const unknown = named.filter(({ name }) => !Object.hasOwn(scripts, name));
  return {
    what: 'commands',
    count: named.length,
    problems: unknown.map(({ name, file, index }) => `${file}:${index + 1}: package.json has no script ${name}`),
  };
}
