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
  { name: 'src', takes: (path) => path.startsWith('src/'), lines: 15_200, files: 180 },
  { name: 'test', takes: (path) => path.startsWith('test/') },
  { name: 'scripts, bench, examples and the rest', takes: () => true, lines: 4_000 },
];

const tracked = output('git', ['ls-files', '-z', '*.ts', '*.mjs'], { cwd: ROOT }).split('\0').filter(Boolean);
const files = tracked.filter((path) => existsSync(join(ROOT, path))).map(read);
const sources = filesOf(PARTS[0]);
const imports = importsIn(sources);
const functions = functionsIn(sources);
const arrows = [...imports].flatMap(([from, targets]) => targets.map((to) => ({ from, to })));

for (const [count, what] of [...PARTS.map(sizeOf), ...squeezing(sources), ...functions.figures, ...longFiles()])
  console.log(`${String(count).padStart(6)} ${what}`);
console.log('\nImports from layer to layer, types included:');
for (const layer of ['entries', ...Object.keys(layers).reverse()]) console.log(`  ${layer} → ${targetsOf(layer)}`);

const problems = [...PARTS.flatMap(outgrown), ...tooLong(), ...functions.problems, ...upward(), ...circles()];
for (const problem of problems) console.error(`✗ ${problem}`);
if (problems.length > 0) process.exitCode = 1;

function read(path) {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, lines: text.trimEnd().split('\n'), part: PARTS.find(({ takes }) => takes(path)) };
}

function filesOf(part) {
  return files.filter((file) => file.part === part);
}

function linesIn(part) {
  return filesOf(part).flatMap(({ lines }) => lines).length;
}

function sizeOf(part) {
  return [linesIn(part), `lines in ${filesOf(part).length} files: ${part.name}`];
}

function outgrown(part) {
  const { name, lines = Infinity, files: limit = Infinity } = part;
  return [
    ...(linesIn(part) > lines ? [`${name}: more than ${lines} lines`] : []),
    ...(filesOf(part).length > limit ? [`${name}: more than ${limit} files`] : []),
  ];
}

function squeezing(some) {
  const lines = some.flatMap((file) => file.lines);
  const comments = lines.filter((line) => line.trimStart().startsWith('/**')).length;
  return [
    [comments, 'doc comments in src'],
    [Math.max(...lines.map(({ length }) => length)), 'characters in the longest line of src'],
  ];
}

function isLong({ lines }) {
  return lines.length > LONG_FILE;
}

function tooLong() {
  return sources.filter(isLong).map(({ path }) => `${path}: more than ${LONG_FILE} lines`);
}

function longFiles() {
  const long = files.filter(isLong);
  return [
    [long.length, `files with more than ${LONG_FILE} lines`],
    ...long.map(({ path, lines }) => [lines.length, `  ${path}`]),
  ];
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

function upward() {
  const whys = arrows.map(({ from, to }) => [from, to, whyForbidden(join(ROOT, from), join(ROOT, to))]);
  return whys.filter(([, , why]) => why !== undefined).map(([from, to, why]) => `${from} imports ${to}: ${why}`);
}

function circles() {
  return circlesIn(imports).map((circle) => `a circle of imports: ${[...circle, circle[0]].join(' → ')}`);
}
