/**
 * `npm run sizes`: how many lines there are where, and what would show that lines were saved by squeezing them. Exit code 1 if a
 * part has outgrown its limit.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, output } from './support/command.mjs';

/** Files with more lines are named. */
const LONG_FILE = 300;

/** The parts of the repository. A file belongs to the first that takes it. */
const PARTS = [
  { name: 'src', takes: (path) => path.startsWith('src/'), limit: 14_000 },
  { name: 'test', takes: (path) => path.startsWith('test/'), limit: Infinity },
  { name: 'scripts, bench, examples and the rest', takes: () => true, limit: 4_000 },
];

const tracked = output('git', ['ls-files', '-z', '*.ts', '*.mjs'], { cwd: ROOT }).split('\0').filter(Boolean);
const files = tracked.filter((path) => existsSync(join(ROOT, path))).map(read);

const facts = [...PARTS.flatMap(sizeOf), ...squeezing(filesOf(PARTS[0])), ...longFiles()];
for (const [count, what] of facts) console.log(`${String(count).padStart(6)} ${what}`);
for (const { name, limit } of PARTS.filter(isTooLarge)) {
  console.error(`✗ ${name}: more than ${limit} lines`);
  process.exitCode = 1;
}

function read(path) {
  const lines = readFileSync(join(ROOT, path), 'utf8').trimEnd().split('\n');
  return { path, lines, part: PARTS.find(({ takes }) => takes(path)) };
}

function filesOf(part) {
  return files.filter((file) => file.part === part);
}

function linesIn(part) {
  return filesOf(part).flatMap(({ lines }) => lines).length;
}

function isTooLarge(part) {
  return linesIn(part) > part.limit;
}

function sizeOf(part) {
  return [[linesIn(part), `lines in ${filesOf(part).length} files: ${part.name}`]];
}

function squeezing(some) {
  const lines = some.flatMap((file) => file.lines);
  const comments = lines.filter((line) => line.trimStart().startsWith('/**')).length;
  return [
    [comments, 'doc comments in src'],
    [Math.max(...lines.map(({ length }) => length)), 'characters in the longest line of src'],
  ];
}

function longFiles() {
  const long = files.filter(({ lines }) => lines.length > LONG_FILE);
  return [
    [long.length, `files with more than ${LONG_FILE} lines`],
    ...long.map(({ path, lines }) => [lines.length, `  ${path}`]),
  ];
}
