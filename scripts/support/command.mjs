import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The folder of the checkout, without a slash at the end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/**
 * Runs a program to its end and gives its output.
 * @throws Error with all it said, unless it ends with 0.
 */
export function output(command, args, options = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  throw new Error(`${[command, ...args].join(' ')}\nended with ${status ?? signal}:\n${stdout}${stderr}`);
}

/** Runs a program whose output is seen at once. Gives how it ended: a code or a signal. */
export function inherit([command, ...args], options) {
  const { status, signal } = spawnSync(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  return status ?? signal;
}

/** Groups things by a key, in the order of their first ones. */
export function groupBy(things, keyOf) {
  const groups = new Map();
  for (const thing of things) groups.set(keyOf(thing), [...(groups.get(keyOf(thing)) ?? []), thing]);
  return groups;
}

/** Reads the flags of this script, which are of the kind of their defaults: a text, a number, `false`, or `undefined` for a text. */
export function flags(defaults) {
  const typeOf = (value) => ({ type: typeof value === 'boolean' ? 'boolean' : 'string' });
  const options = Object.entries(defaults).map(([name, value]) => [name, typeOf(value)]);
  const { values } = parseArgs({ options: Object.fromEntries(options) });
  const valueOf = ([name, value]) => [name, typeof defaults[name] === 'number' ? Number(value) : value];
  const given = Object.entries(values).map(valueOf);
  return { ...defaults, ...Object.fromEntries(given) };
}

/** Runs a step of a check, says how it went, and goes on: a step that throws makes the exit code 1. */
export function attempt(name, step) {
  try {
    console.log(`✓ ${name}: ${step()}`);
  } catch (error) {
    console.error(`✗ ${name}: ${error.message}`);
    process.exitCode = 1;
  }
}

/** Makes a folder that goes with this process, unless its `isKept` is set. The path is free of links. */
export function temporaryFolder(name) {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `genai-cancel-${name}-`)));
  const folder = { path, isKept: false };
  onExit(() => folder.isKept || rmSync(path, { recursive: true, force: true }));
  return folder;
}

/** Cleans up when this process ends, by itself or by a signal. */
export function onExit(cleanUp) {
  process.on('exit', cleanUp);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
}

/**
 * The environment of a command that shall not notice that npm runs this script: what npm says of the package and of the
 * script would be taken for theirs. The configuration (registry, cache, proxy) stays.
 */
export function cleanEnvironment(more = {}) {
  const unwanted = /^(npm_(?!config_)|INIT_CWD$|NODE_OPTIONS$|NODE_PATH$|VITEST)/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !unwanted.test(name))), ...more };
}

/** Installs packages into a project, from npm's cache as far as they are there, without running any of their scripts. */
export function npmInstall(cwd, packages) {
  const env = cleanEnvironment({ npm_config_audit: 'false', npm_config_fund: 'false' });
  output('npm', ['install', '--prefer-offline', '--ignore-scripts', ...packages], { cwd, env });
}

/** Lines of cells as one text: columns are as wide as their widest cell, and those named in `right` end at the right. */
export function table(lines, { right = [] } = {}) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell, column) => (right.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]));
  return lines.map((line) => line.map(pad).join('   ').trimEnd()).join('\n');
}
