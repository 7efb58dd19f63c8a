import { describe, expect, test } from 'vitest';
import { JsonView } from '../../../src/cli/view/json.js';
import { choosePaint } from '../../../src/cli/view/paint.js';
import { PlainView } from '../../../src/cli/view/plain.js';
import { TerminalView } from '../../../src/cli/view/terminal.js';
import { chooseView } from '../../../src/cli/view/view.js';
import { Stage } from './scene.js';

const terminal = { isTTY: true, columns: 80, rows: 24 };

function choose(
  stderr: { isTTY?: boolean; columns?: number; rows?: number },
  env = {},
  { images = 4, json = false } = {},
) {
  const stage = new Stage(images);
  const { stdout } = stage;
  return chooseView(stage, { json }, { stdin: process.stdin, stdout, stderr: { ...stage.stderr, ...stderr }, env });
}

test.each([
  ['a terminal', terminal, {}],
  ['a terminal that does not know its size', { isTTY: true, columns: 0, rows: 0 }, {}],
  ['a terminal, CI being denied', terminal, { CI: 'false' }],
  ['a terminal that is just high enough', { ...terminal, rows: 5 }, {}],
])('lines are redrawn on %s', (_, stderr, environment) => {
  expect(choose(stderr, environment)).toBeInstanceOf(TerminalView);
});

test.each([
  ['what is no terminal', {}, {}],
  ['CI', terminal, { CI: 'true' }],
  ['a dumb terminal', terminal, { TERM: 'dumb' }],
  ['a terminal that is too narrow', { ...terminal, columns: 19 }, {}],
  ['a terminal that is too low', { ...terminal, rows: 4 }, {}],
])('lines are added on %s', (_, stderr, environment) => {
  expect(choose(stderr, environment)).toBeInstanceOf(PlainView);
});

test('JSON is JSON on a terminal, too', () => {
  expect(choose(terminal, {}, { json: true })).toBeInstanceOf(JsonView);
});

describe('colours', () => {
  const paintOn = (isTTY: boolean, environment: Record<string, string> = {}): string =>
    choosePaint({ isTTY }, environment)({ text: 'done', tone: 'good' });

  test('on a terminal', () => {
    expect(paintOn(true)).toBe('\u001b[32mdone\u001b[39m');
  });

  test('not elsewhere, and not when there shall be none', () => {
    const plain = [paintOn(false), paintOn(true, { NO_COLOR: '1' }), paintOn(true, { TERM: 'dumb' })];
    expect(plain).toEqual(['done', 'done', 'done']);
  });
});
