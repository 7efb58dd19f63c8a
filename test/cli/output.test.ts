import { expect, test } from 'vitest';
import { Output } from '../../src/cli/output.js';

test.each([
  ['Bun', { flush: false }],
  ['Node', {}],
])('a stream as %s has it is not asked to wait for its reader', (_, more) => {
  const screen = { write: () => true, ...more };
  const output = new Output({ stdin: process.stdin, stdout: screen, stderr: screen, env: {} });
  expect(() => output.flush()).not.toThrow();
});
