import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasProcess, readProcess } from '../../../src/node/journal/machine.js';
import { leftOutOn } from '../../support/runtime.js';

const TICKS_PER_SECOND = 100;
const NOBODY = 2 ** 22 + 1;

describe.runIf(process.platform === 'linux')('readProcess()', () => {
  test('knows this process, and when it was started', () => {
    const self = readProcess('self');
    const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
    expect(self).toMatchObject({ pid: process.pid, isDead: false });
    expect(self).toEqual(readProcess(process.pid));
    expect(Number(self?.start)).toBeGreaterThan(0);
    expect(Number(self?.start)).toBeLessThanOrEqual(uptime * TICKS_PER_SECOND);
  });

  const noTitle = leftOutOn({ Bun: 'Bun keeps `process.title` to itself.' });
  test.each(['a b', 'a) Z 1 2 (', ')', '((', ') ) )'])(
    'is not led astray by a program with the name %s',
    noTitle,
    (name) => {
      const before = readProcess('self');
      const { title } = process;
      onTestFinished(() => void (process.title = title));
      process.title = name;
      expect(readFileSync('/proc/self/stat', 'utf8')).toContain(`(${name})`);
      expect(readProcess('self')).toEqual(before);
    },
  );

  test('knows no process that there is not', () => {
    expect(readProcess(NOBODY)).toBeUndefined();
  });
});

test('hasProcess() sees processes of all users, and none that there is not', () => {
  expect(hasProcess(process.pid)).toBe(true);
  expect(hasProcess(NOBODY)).toBe(false);
  // The first process is root's: whoever else asks is refused, and knows by that.
  if (process.platform !== 'win32') expect(hasProcess(1)).toBe(true);
  // A number that is no process id proves nothing.
  expect(hasProcess(2 ** 33)).toBe(true);
});
