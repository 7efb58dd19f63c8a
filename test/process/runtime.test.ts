import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { fixture } from './harness/set-up.js';

const [command = '', ...args] = fixture('runtime');
const said = spawnSync(command, args, { encoding: 'utf8' }).stdout;
const { name, version, entry } = JSON.parse(said) as { name: string; version: string; entry: string };

// `npm run test:matrix` reads the version from this name, and takes it for proven when the test has passed.
test(`starts scripts on ${name} ${version}, which know process signals`, () => {
  expect(`${name} ${version}.`).toContain(process.env['EXPECT_SCRIPTS'] ?? name);
  expect(entry).toMatch(/\/dist\/node\.js$/);
});
