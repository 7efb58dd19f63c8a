import { beforeEach, describe, expect, test } from 'vitest';
import { Output } from '../../../src/cli/output.js';
import { textViewOf, type View } from '../../../src/cli/view/view.js';
import { reportOf } from './report-of.js';
import { cancelling, image, progress, settled, Stage, submitted, warning } from './scene.js';
import { FakeScreen } from './screen.js';

let stage: Stage;
let screen: FakeScreen;
let view: View;
let output: Output;

function setUp(columns?: number): void {
  stage = new Stage(2);
  screen = new FakeScreen(columns);
  // One terminal, as it is when nothing is redirected.
  output = new Output({ stdin: process.stdin, stdout: screen, stderr: screen, env: {} });
  view = textViewOf(stage, output, false, true);
}
beforeEach(() => setUp());

test('one line for all images, redrawn in place', () => {
  stage.become('submitting', 'submitting');
  view.tick();
  expect(screen.lines).toEqual(['0 of 2 done, 2 left, 0 s']);
  stage.become('running', 'queued');
  stage.time = 1999;
  view.event(submitted);
  expect(screen.lines).toEqual(['0 of 2 done, 2 left, 1 s']);
});

test('an image that was refused is neither done nor left', () => {
  stage.become('succeeded', 'running');
  view.event(progress);
  expect(screen.lines).toEqual(['0 of 2 done, 1 left, 0 s, 1 without an image']);
});

test('nothing is written when nothing has changed', () => {
  view.tick();
  stage.time = 900;
  view.tick();
  expect(screen.writes).toHaveLength(1);
});

test('what was written goes above the lines, which end as they are', () => {
  stage.become('running', 'running');
  view.tick();
  stage.become('succeeded', 'running');
  stage.deliver(0);
  stage.time = 4100;
  view.event(image(0));
  view.event(progress);
  expect(screen.lines).toEqual(['out/image-1.png', '1 of 2 done, 1 left, 4 s']);
  stage.become('succeeded', 'succeeded');
  stage.deliver(1);
  stage.time = 5200;
  view.event(image(1));
  view.event(settled());
  output.say('The GPU worked.');
  view.tick();
  expect(screen.lines).toEqual([
    'out/image-1.png',
    'out/image-2.png',
    '2 of 2 images made in 5.2 s.',
    'The GPU worked.',
  ]);
});

test('a stop is announced at once, and ends with one summary', () => {
  stage.become('running', 'running');
  view.tick();
  view.event(cancelling);
  const announcement = 'Cancelling on the server… (press Ctrl+C again to leave at once)';
  expect(screen.lines).toEqual([announcement, 'cancelling: 0 of 2 done, 2 left, 0 s']);
  stage.become('cancelled', 'cancelled');
  const counts = { made: 0, cancelled: 2, failed: 0, running: 0, notSent: 0 };
  view.event(settled({ report: reportOf('cancelled', { counts }) }));
  expect(screen.lines).toEqual([
    announcement,
    'In 0.0 s: 2 cancelled (confirmed by the server).',
    'Nothing still runs.',
    'Billing: unknown. Nobody knows.',
  ]);
});

describe('no line wraps', () => {
  test.each([20, 24, 25, 26, 200])('in %d columns', (columns) => {
    setUp(columns);
    stage.become('running', 'running');
    view.tick();
    view.event(warning('unknown-status', 'x'));
    stage.time = 1000;
    view.tick();
    expect(screen.lines).toHaveLength(2);
    for (const line of screen.lines) expect(line.length).toBeLessThan(columns);
  });

  test.each([0, undefined])('in a terminal that does not know its width: %j', (columns) => {
    setUp(columns);
    stage.become('running', 'running');
    view.tick();
    expect(screen.lines[0]).toBe('0 of 2 done, 2 left, 0 s');
  });
});

test('the cursor is neither hidden nor left anywhere but below', () => {
  view.tick();
  expect(screen.writes.join('')).not.toContain('\u001b[?');
  expect(screen.writes.join('').endsWith('\u001b[0J')).toBe(true);
});
