import { beforeEach, expect, test } from 'vitest';
import { textViewOf, type View } from '../../../src/cli/view/view.js';
import { reportOf } from './report-of.js';
import { cancelling, image, progress, settled, Stage, submitted, warning } from './scene.js';

let stage: Stage;
let view: View;
beforeEach(() => {
  stage = new Stage(2);
  view = textViewOf(stage, stage.outputOn(), false, false);
});

test('says every change once, the name as soon as it is known, and prints where the images are', () => {
  stage.become('submitting', 'submitting');
  view.tick();
  view.tick();
  expect(stage.said()).toEqual(['image 1: being sent', 'image 2: being sent']);
  stage.become('queued', 'queued');
  view.event(submitted);
  expect(stage.said()).toEqual(['image 1: queued (interactions/a)', 'image 2: queued (interactions/b)']);
  stage.become('running', 'queued');
  view.tick();
  expect(stage.said()).toEqual(['image 1: running (interactions/a)']);
  stage.become('succeeded', 'running');
  stage.deliver(0);
  stage.time = 4100;
  view.event(image(0));
  view.event(progress);
  stage.time = 5000;
  view.tick();
  expect(stage.said()).toEqual(['image 2: running (interactions/b)', '1 of 2 done, 1 left, 4 s']);
  expect(stage.results).toBe('out/image-1.png\n');
  stage.become('succeeded', 'succeeded');
  stage.deliver(1);
  view.event(image(1));
  view.event(settled());
  expect(stage.said()).toEqual(['2 of 2 images made in 5.0 s.']);
  expect(stage.results).toBe('out/image-1.png\nout/image-2.png\n');
});

test('a job that completed without an image was refused, but not before its image could have come', () => {
  stage.become('succeeded', 'running');
  view.event({ type: 'state', at: 0, from: 'queued', to: 'running' });
  expect(stage.said()).toEqual(['image 2: running (interactions/b)']);
  view.event(progress);
  expect(stage.said()).toEqual(['0 of 2 done, 1 left, 0 s, 1 without an image']);
  stage.become('succeeded', 'succeeded');
  stage.deliver(1);
  view.event(image(1));
  const generatedImages = [{ raiFilteredReason: 'That\u001b[2J is\nnot nice.' }, { image: {} }];
  view.event(settled({ response: { generatedImages } }));
  expect(stage.said()).toEqual([
    'image 1: refused by the model: That [2J is not nice.',
    '1 of 2 images made in 0.0 s.',
  ]);
});

test('a failure is explained once at the end, together with others like it', () => {
  stage.fail(0, 'not-started', 'API key not valid.');
  stage.fail(1, 'not-started', 'API key not valid.');
  view.event(warning('job-failed', 'Image 0: API key not valid.'));
  view.event(settled({ state: 'failed' }));
  expect(stage.said()).toEqual(['images 1, 2: API key not valid.', '0 of 2 images made in 0.0 s.']);
});

test('a job that may be running comes with the command that stops it', () => {
  stage.become('cancelled');
  stage.fail(1, 'unknown', 'No status could be read.');
  view.event(settled({ state: 'failed' }));
  expect(stage.said()).toContain(
    'image 2: No status could be read. Stop it with: npx --no genai-cancel cancel interactions/b',
  );
});

test('other warnings are passed on, without what could take over a terminal', () => {
  view.event(warning('unknown-status', 'one\u0007\nline'));
  expect(stage.said()[0]).toBe('Note: one line');
});

test('an image that could not be written is not counted, and is still to be had', () => {
  stage.become('succeeded', 'cancelled');
  stage.deliver(0, { problem: 'ENOSPC: no space left on device' });
  view.event(image(0));
  view.event(settled());
  expect(stage.results).toBe('');
  expect(stage.said().slice(-2)).toEqual([
    'image 1: made, but not written (ENOSPC: no space left on device). ' +
      'The server still has it: npx --no genai-cancel attach interactions/a -o FOLDER',
    '0 of 2 images made in 0.0 s.',
  ]);
});

test('an image under another name comes with a note', () => {
  stage.become('succeeded');
  stage.deliver(0, { path: 'out/image-1-2.png', note: 'out/image-1.png was there already.' });
  view.event(image(0));
  expect(stage.said()).toContain('Note: out/image-1.png was there already.');
  expect(stage.results).toBe('out/image-1-2.png\n');
});

test('a stop says at once that it is under way, then one summary, and nothing in between', () => {
  stage.become('succeeded', 'running');
  stage.deliver(0);
  view.event(image(0));
  stage.said();
  view.event(cancelling);
  expect(stage.said()).toEqual(['Cancelling on the server… (press Ctrl+C again to leave at once)']);
  stage.become('succeeded', 'cancelled');
  view.tick();
  expect(stage.said()).toEqual([]);
  const counts = { made: 1, cancelled: 1, failed: 0, running: 0, notSent: 0 };
  view.event(settled({ state: 'cancelled', report: reportOf('partially-cancelled', { counts }) }));
  expect(stage.said()).toEqual([
    'In 0.0 s: 1 cancelled (confirmed by the server), 1 completed.',
    'Kept: out/image-1.png',
    'Nothing still runs.',
    'Billing: unknown. Nobody knows.',
  ]);
});

test('one who wants quiet is told of what went wrong, and where the images are', () => {
  view = textViewOf(stage, stage.outputOn(), true, false);
  stage.become('succeeded', 'running');
  stage.deliver(0);
  view.event(image(0));
  view.event(warning('unknown-status', 'strange'));
  stage.fail(1, 'failed', 'Out of memory.');
  view.event(settled({ state: 'failed' }));
  expect(stage.said()).toEqual(['Note: strange', 'image 2: Out of memory.', '1 of 2 images made in 0.0 s.']);
  expect(stage.results).toBe('out/image-1.png\n');
});
