import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, cleanEnvironment, npmInstall, output } from '../support/command.mjs';

/** Other packages of the consumer: the peer, and the tools that check and test its programs. */
const COMPANIONS = ['@google/genai', '@types/node', 'msw', 'typescript'];

/** An empty project with the package installed from the tarball, and the programs of test/package/consumer in it. */
export function installConsumer(folder, tarball) {
  const path = join(folder, 'consumer');
  const env = cleanEnvironment();
  newProject(path, [tarball.path, ...COMPANIONS.map(own)], { version: '1.0.0', type: 'module' });
  // A peer that does not fit, or a dependency that is missing, fails here.
  output('npm', ['ls', '--all'], { cwd: path, env });
  cpSync(join(ROOT, 'test/package/consumer'), path, { recursive: true });
  return { path, installed: join(path, 'node_modules/genai-cancel'), env };
}

/** Makes a folder that is an empty project, and installs packages into it. Returns its path. */
export function newProject(path, packages, manifest = {}) {
  mkdirSync(path);
  writeJson(join(path, 'package.json'), { name: 'application', private: true, ...manifest });
  npmInstall(path, packages);
  return path;
}

/** Names a package in the version that this repository has itself: that is in npm's cache, and a release breaks no check. */
export const own = (name) => `${name}@${installedVersion(name)}`;

export function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

export function installedVersion(name, project = ROOT) {
  return JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8')).version;
}
