import { beforeEach, describe, expect, test } from 'vitest';
import { Output } from '../../../src/cli/output.js';
import { terminalBoard, textViewOf, type View } from '../../../src/cli/view/view.js';
import { reportOf } from './report-of.js';
import { cancelling, image, progress, settled, Stage, submitted, warning } from './scene.js';
import { FakeScreen } from './screen.js';

let stage: Stage;
let screen: FakeScreen;
let view: View;

function setUp(columns?: number): void {
  stage = new Stage(2);
  screen = new FakeScreen(columns);
  // One terminal, as it is when nothing is redirected.
  const output = new Output({ stdin: process.stdin, stdout: screen, stderr: screen, env: {} });
  view = textViewOf(stage, output, terminalBoard(output));
}
beforeEach(() => setUp());

test('one line for each image, redrawn in place', () => {
  stage.become('submitting', 'submitting');
  view.tick();
  expect(screen.lines).toEqual(['image 1  being sent       0 s', 'image 2  being sent       0 s']);
  stage.become('running', 'queued');
  stage.time = 1999;
  view.event(submitted);
  expect(screen.lines).toEqual([
    'image 1  running          1 s  interactions/a',
    'image 2  queued           1 s  interactions/b',
  ]);
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
  const first = ['out/image-1.png', 'image 1  done           4.1 s  interactions/a'];
  expect(screen.lines).toEqual([...first, 'image 2  running          4 s  interactions/b']);
  stage.become('succeeded', 'succeeded');
  stage.deliver(1);
  stage.time = 5200;
  view.event(image(1));
  view.event(settled());
  view.remark('The GPU worked.');
  view.tick();
  expect(screen.lines).toEqual([
    'out/image-1.png',
    'out/image-2.png',
    'image 1  done           4.1 s  interactions/a',
    'image 2  done           5.2 s  interactions/b',
    '2 of 2 images made in 5.2 s.',
    'The GPU worked.',
  ]);
});

test('a stop is announced at once, and ends with what became of each job', () => {
  stage.become('running', 'running');
  view.tick();
  view.event(cancelling);
  const announcement = 'Cancelling on the server… (press Ctrl+C again to leave at once)';
  expect(screen.lines).toEqual([
    announcement,
    'image 1  cancelling       0 s  interactions/a',
    'image 2  cancelling       0 s  interactions/b',
  ]);
  stage.become('cancelled', 'cancelled');
  view.event(settled({ report: reportOf('cancelled') }));
  expect(screen.lines).toEqual([
    announcement,
    'image 1: cancelled, the server confirms (interactions/a)',
    'image 2: cancelled, the server confirms (interactions/b)',
    'Billing: unknown. Nobody knows.',
  ]);
});

describe('no line wraps', () => {
  test.each([20, 44, 45, 46, 200])('in %d columns', (columns) => {
    setUp(columns);
    stage.become('running', 'running');
    view.tick();
    view.event(warning('unknown-status', 'x'));
    stage.time = 1000;
    view.tick();
    expect(screen.lines).toHaveLength(3);
    for (const line of screen.lines) expect(line.length).toBeLessThan(columns);
  });

  test.each([0, undefined])('in a terminal that does not know its width: %j', (columns) => {
    setUp(columns);
    stage.become('running', 'running');
    view.tick();
    expect(screen.lines[0]).toBe('image 1  running          0 s  interactions/a');
  });
});

test('the cursor is neither hidden nor left anywhere but below', () => {
  view.tick();
  expect(screen.writes.join('')).not.toContain('\u001b[?');
  expect(screen.writes.join('').endsWith('\u001b[0J')).toBe(true);
});
