import { expect, test } from 'vitest';
import { viewOn } from '../../../src/cli/view/view.js';
import { Stage, submitted } from './scene.js';

const terminal = { isTTY: true, columns: 80, rows: 24 };

/** Returns what the view that is chosen writes at first. */
function begin(
  stderr: { isTTY?: boolean; columns?: number; rows?: number },
  env = {},
  { images = 4, json = false, quiet = false } = {},
) {
  const stage = new Stage(images);
  stage.become(...Array.from({ length: images }, () => 'running' as const));
  const view = viewOn(stage.outputOn(stderr, env), { json, quiet })(stage);
  view.tick();
  view.event(submitted);
  return stage.results + stage.messages;
}

test.each([
  ['a terminal', terminal, {}],
  ['a terminal that does not know its size', { isTTY: true, columns: 0, rows: 0 }, {}],
  ['a terminal, CI being denied', terminal, { CI: 'false' }],
  ['a terminal that is just high enough', { ...terminal, rows: 2 }, {}],
])('lines are redrawn on %s', (_, stderr, environment) => {
  expect(begin(stderr, environment)).toContain('\u001b[2K');
});

test.each([
  ['what is no terminal', {}, {}],
  ['CI', terminal, { CI: 'true' }],
  ['a dumb terminal', terminal, { TERM: 'dumb' }],
  ['a terminal that is too narrow', { ...terminal, columns: 19 }, {}],
  ['a terminal that is too low', { ...terminal, rows: 1 }, {}],
])('lines are added on %s', (_, stderr, environment) => {
  const text = begin(stderr, environment);
  expect(text).not.toContain('\u001b[2K');
  expect(text).toContain('image 1: running');
});

test.each([terminal, {}])('nothing of the progress is said to one who wants quiet: %j', (stderr) => {
  expect(begin(stderr, {}, { quiet: true })).toBe('');
});

test('JSON is JSON on a terminal, too', () => {
  expect(begin(terminal, {}, { json: true })).toBe(`${JSON.stringify(submitted)}\n`);
});

test('what is said on a terminal takes the place of an echoed key', () => {
  const saidOn = (stderr: { isTTY?: boolean }, environment: Record<string, string> = {}): string => {
    const stage = new Stage(0);
    stage.outputOn(stderr, environment).say('done');
    return stage.messages;
  };
  expect(saidOn(terminal)).toBe('\r\u001b[2Kdone\n');
  expect([saidOn({}), saidOn(terminal, { TERM: 'dumb' })]).toEqual(['done\n', 'done\n']);
});
