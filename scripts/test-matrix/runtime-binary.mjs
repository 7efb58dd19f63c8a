import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cleanEnvironment, npmInstall, output } from '../support/command.mjs';

const PLATFORM = `${process.platform}-${process.arch}`;

/** The npm packages that are a binary: the ones of Bun and Deno themselves fetch theirs from elsewhere when installed. */
const PACKAGES = {
  Node: { name: `node-${PLATFORM.replace('win32', 'win')}`, binary: 'bin/node' },
  Bun: { name: `@oven/bun-${PLATFORM.replace('win32', 'windows').replace('arm64', 'aarch64')}`, binary: 'bin/bun' },
  Deno: { name: `@deno/${PLATFORM}${process.platform === 'linux' ? '-glibc' : ''}`, binary: 'deno' },
};

/** Debian's, and what others call it. */
const CHROMIUMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * The binary of a runtime of this major: the one that runs this script if it fits, else one that comes through npm.
 * @throws Error where there is no such package, or where its binary does not run.
 */
export function runtimeBinary({ runtime, major }, folder) {
  if (runtime === 'Chromium') return chromiumBinary();
  if (runtime === 'Node' && process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const { name, binary } = PACKAGES[runtime];
  mkdirSync(folder, { recursive: true });
  try {
    npmInstall(folder, ['--prefix', folder, `${name}@${major}`]);
    const path = join(folder, 'node_modules', name, binary);
    output(path, ['--version']);
    return path;
  } catch (cause) {
    throw new Error(`${runtime} ${major} cannot be had from npm's ${name} here: ${cause.message}`, { cause });
  }
}

function chromiumBinary() {
  const path = process.env.CHROMIUM ?? CHROMIUMS.find((candidate) => existsSync(candidate));
  if (path !== undefined) return path;
  throw new Error('LEFT OUT: there is no Chromium. On Debian: apt-get install chromium; else name one in CHROMIUM.');
}

/** An environment in which `node`, and so npm and every script, is that binary. */
export function environmentWith(node, more) {
  return cleanEnvironment({ ...more, PATH: [dirname(node), process.env.PATH].join(delimiter) });
}
