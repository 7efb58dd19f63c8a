import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cleanEnvironment, output } from '../support/command.mjs';

/**
 * The folder that has the `node` of this major: the one that runs this script if it fits, else one that comes through npm
 * as the package `node-<platform>-<arch>`.
 * @throws Error where there is no such package, or where its binary does not run.
 */
export function nodeFolder(major, folder) {
  if (process.versions.node.startsWith(`${major}.`)) return dirname(process.execPath);
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  mkdirSync(folder, { recursive: true });
  try {
    const args = ['install', '--no-save', '--prefer-offline', '--prefix', folder, `${name}@${major}`];
    output('npm', args, { cwd: folder, env: cleanEnvironment() });
    const bin = join(folder, 'node_modules', name, 'bin');
    output(join(bin, 'node'), ['--version']);
    return bin;
  } catch (error) {
    throw new Error(`Node ${major} cannot be had from npm's ${name} on this machine: ${error.message}`, {
      cause: error,
    });
  }
}

/** An environment in which `node`, and so npm and every script, is the one of that folder. */
export function environmentWith(bin, more) {
  return cleanEnvironment({ ...more, PATH: [bin, process.env.PATH].join(delimiter) });
}
