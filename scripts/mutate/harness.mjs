/**
 * What the tests get in place of `vitest`: they are collected when they are imported, and can then be run again and again in
 * the same process. To start vitest anew for each mutant takes twenty times as long. What is expected and spied on is vitest's.
 */
import { vi } from 'vitest';

export { expect, TestRunner, vi } from 'vitest';

/** Every test: `{ id, file, run }`. `run` rejects if the test fails. */
export const tests = [];
let file = '';
let suite = { name: '', before: [], after: [] };
const ids = new Map();

/** Collects the tests that `load` declares. */
export async function collect(path, load) {
  file = path;
  suite = { name: '', before: [], after: [] };
  await load();
  // What a file has spied on for itself is nothing to the others.
  vi.restoreAllMocks();
}

export function describe(name, ...given) {
  const [declare, { skip = false }] = taken(given);
  if (skip) return;
  const outer = suite;
  suite = { name: `${outer.name}${name} > `, before: [...outer.before], after: [...outer.after] };
  declare();
  suite = outer;
}

export function it(name, ...given) {
  const [body, { skip = false }] = taken(given);
  if (skip) return;
  const { before, after } = suite;
  const title = `${file}#${suite.name}${name}`;
  const count = (ids.get(title) ?? 0) + 1;
  ids.set(title, count);
  tests.push({
    file,
    id: count === 1 ? title : `${title} (${count})`,
    async run() {
      try {
        for (const hook of before) await hook();
        await body();
      } finally {
        for (const hook of after) await hook();
        vi.restoreAllMocks();
      }
    },
  });
}

describe.each = each(describe);
it.each = each(it);

export function beforeEach(hook) {
  suite.before.push(hook);
}

export function afterEach(hook) {
  suite.after.push(hook);
}

/** There is no end: the tests are run again for the next mutant. */
export function afterAll() {}

function each(declare) {
  return (cases) =>
    (name, ...given) => {
      const [body, options] = taken(given);
      for (const one of cases) declare(name, options, () => body(...(Array.isArray(one) ? one : [one])));
    };
}

/** What is to be run, and the options that may stand before it. */
function taken(given) {
  return given.length === 1 ? [given[0], {}] : [given[1], given[0]];
}
