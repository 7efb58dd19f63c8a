/**
 * `npm run sizes`: prints how many lines are where, how long the functions of `src/` are, and how its layers import from each
 * other. Exit code 1 if something has outgrown its limit, if an import goes up the layers, or if imports form a circle.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layerOf, layers, whyForbidden } from './layers.mjs';
import { functionsIn } from './sizes/functions.mjs';
import { circlesIn, importsIn } from './sizes/imports.mjs';
import { ROOT, output } from './support/command.mjs';

/** Longer files are named, and refused in `src/`. */
const LONG_FILE = 300;

/** The parts of the repository. A file belongs to the first that takes it. */
const PARTS = [
  { name: 'src', takes: (path) => path.startsWith('src/'), lines: 17_183, files: 185 },
  { name: 'test', takes: (path) => path.startsWith('test/') },
  { name: 'scripts, bench, examples and the rest', takes: () => true, lines: 6_426 },
];

const tracked = output('git', ['ls-files', '-z', '*.ts', '*.mjs'], { cwd: ROOT }).split('\0').filter(Boolean);
const files = tracked.filter((path) => existsSync(join(ROOT, path))).map(read);
const sources = files.filter(({ part }) => part === PARTS[0]);
const parts = PARTS.map((part) => ({ part, some: files.filter((file) => file.part === part) })).map(sizeOf);
const long = files.filter((file) => file.lines.length > LONG_FILE);
const imports = importsIn(sources);
const functions = functionsIn(sources);
const arrows = [...imports].flatMap(([from, targets]) => targets.map((to) => ({ from, to })));

const lines = sources.flatMap((file) => file.lines);
const figures = [
  ...parts.map(({ name, lines: size, files: count }) => [size, `lines in ${count} files: ${name}`]),
  [lines.filter((line) => line.trimStart().startsWith('/**')).length, 'doc comments in src'],
  [Math.max(...lines.map(({ length }) => length)), 'characters in the longest line of src'],
  ...functions.figures,
  [long.length, `files with more than ${LONG_FILE} lines`],
  ...long.map((file) => [file.lines.length, `  ${file.path}`]),
];
for (const [count, what] of figures) console.log(`${String(count).padStart(6)} ${what}`);
console.log('\nImports from layer to layer, types included:');
for (const layer of ['entries', ...Object.keys(layers).reverse()]) console.log(`  ${layer} → ${targetsOf(layer)}`);

const tooLong = long.filter((file) => sources.includes(file));
const problems = [
  ...PARTS.flatMap((part, index) => ['lines', 'files'].flatMap((what) => outgrown(what, part, parts[index]))),
  ...tooLong.map(({ path }) => `${path}: more than ${LONG_FILE} lines`),
  ...functions.problems,
  ...arrows.flatMap(upward),
  ...circlesIn(imports).map((circle) => `a circle of imports: ${[...circle, circle[0]].join(' → ')}`),
];
for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length > 0) process.exitCode = 1;

function read(path) {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, lines: text.trimEnd().split('\n'), part: PARTS.find(({ takes }) => takes(path)) };
}

function sizeOf({ part: { name }, some }) {
  return { name, files: some.length, lines: some.flatMap((file) => file.lines).length };
}

function outgrown(what, { name, [what]: limit = Infinity }, size) {
  return size[what] > limit ? [`${name}: more than ${limit} ${what}`] : [];
}

function layerNamed(path) {
  return layerOf(join(ROOT, path)) ?? 'entries';
}

/** Lists the layers that a layer imports from, with the number of imports. */
function targetsOf(layer) {
  const targets = arrows.filter(({ from }) => layerNamed(from) === layer).map(({ to }) => layerNamed(to));
  const below = Object.keys(layers).filter((other) => other !== layer && targets.includes(other));
  return below.map((other) => `${other} ${targets.filter((target) => target === other).length}`).join(', ') || 'none';
}

function upward({ from, to }) {
  const why = whyForbidden(join(ROOT, from), join(ROOT, to));
  return why === undefined ? [] : [`${from} imports ${to}: ${why}`];
}
