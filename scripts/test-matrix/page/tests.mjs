import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** `import … from 'x'`, `export … from 'x'` and `import('x')`; types are not loaded. */
const IMPORT = /(?:^|\n)(?:import|export)(?! type\b)[^;]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)/g;

/** Modules of Node that a test may use: test/page/node replaces them in a page. */
export const REPLACED = ['events', 'util'];
/** Only imported where the runtime has it. */
const OPTIONAL = ['node:v8', 'node:vm'];
const PORTABLE = ['vitest', '@google/genai', 'eventemitter3', 'eventsource-parser', 'fast-check', 'msw', 'msw/browser'];

/** Divides the tests by what they load: those that can run in a page, and the others with what keeps them out of it. */
export function divideTests(root, files) {
  const tests = files.map((file) => ({ file, obstacle: obstacleOf(root, join(root, file)) }));
  const fit = tests.filter(({ obstacle }) => obstacle === undefined).map(({ file }) => file);
  const unfit = tests.filter(({ obstacle }) => obstacle !== undefined);
  return { fit, leftOut: unfit.map(({ file, obstacle }) => ({ file, why: `it needs ${obstacle}` })) };
}

/** The first thing that no page has, on the way to all that is loaded. */
function obstacleOf(root, entry) {
  const files = new Set([entry]);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const [global] = /\b(?:Buffer\.|process\.env\b)/.exec(text) ?? [];
    if (global !== undefined && !relative(root, file).startsWith('src/')) return global;
    // Within a test the client itself leaves the test out; here there is none yet.
    if (/^const \w+ = setup\(\{ vertex: true/m.test(text)) return 'a client of Vertex';
    for (const [, fixed, lazy] of text.matchAll(IMPORT)) {
      const target = fixed ?? lazy;
      const isPackage = !target.startsWith('.');
      if (isPackage && !isPortable(target)) return target;
      if (isPackage) continue;
      const source = join(dirname(file), target).replace(/\.js$/, '.ts');
      const place = relative(root, source);
      if (/^src\/(?:node|cli)\//.test(place)) return place;
      if (existsSync(source)) files.add(source);
    }
  }
  return undefined;
}

function isPortable(target) {
  return PORTABLE.includes(target) || OPTIONAL.includes(target) || REPLACED.includes(target.replace(/^node:/, ''));
}
