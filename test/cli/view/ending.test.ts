import { describe, expect, test } from 'vitest';
import { endingLines, writeReport } from '../../../src/cli/view/ending.js';
import type { CancelReport } from '../../../src/exports.js';
import { reportOf } from './report-of.js';
import { settled, Stage } from './scene.js';

function linesOf(stage: Stage, report: CancelReport): string[] {
  const response = report.response === undefined ? {} : { response: report.response };
  const output = stage.outputOn();
  for (const line of endingLines(settled({ report, ...response }), stage, 0, false)) output.say(line);
  return stage.said();
}

test('of a stop: one summary, and a line for each image that it does not tell of', () => {
  const stage = new Stage(8);
  stage.become('succeeded', 'succeeded', 'cancelled', 'failed', 'not-started', 'running', 'submitting', 'running');
  stage.deliver(0);
  stage.fail(3, 'failed', 'Out of\nmemory.');
  const report = reportOf('unconfirmed', {
    counts: { made: 2, cancelled: 1, failed: 1, running: 3, notSent: 1 },
    jobs: [{ index: 2, backend: 'interactions', state: 'cancelled', cancelRequests: 1, confirmedAt: 1_420 }],
    requestedAt: 1_000,
    settledAt: 9_000,
    response: { generatedImages: [{ image: {} }, { raiFilteredReason: 'Not nice.' }] },
    leftovers: [{ name: 'interactions/f', howToCancel: 'stop f' }, { howToCancel: 'Nothing can stop it.' }],
  });
  expect(linesOf(stage, report)).toEqual([
    'In 0.4 s: 1 cancelled (confirmed by the server), 2 completed, 1 failed, 3 may still be made, 1 not started.',
    'Kept: out/image-1.png',
    'image 2: refused by the model before the cancel: Not nice.',
    'image 4: failed before the cancel: Out of memory.',
    'image 6: not confirmed, it may still be running. Stop it with: stop f',
    'image 7: not confirmed, it may still be running. Nothing can stop it.',
    'image 8: completed before the cancel, but not fetched in time: npx --no genai-cancel attach interactions/h -o FOLDER',
    'Billing: unknown. Nobody knows.',
  ]);
});

test('of a stop: an image that was made and not written, and one that was refused by the server', () => {
  const stage = new Stage(2);
  stage.become('succeeded');
  stage.deliver(0, { problem: 'EROFS' });
  stage.fail(1, 'not-started', 'Quota exceeded.');
  expect(linesOf(stage, reportOf('partially-cancelled')).slice(0, 2)).toEqual([
    'image 1: made, but not written (EROFS). The server still has it: npx --no genai-cancel attach interactions/a -o FOLDER',
    'image 2: Quota exceeded.',
  ]);
});

test('the tokens that the server reported are told', () => {
  const billing = { expectation: 'unknown', basis: 'Nobody knows.', usage: { outputImageTokens: 5, totalTokens: 9 } };
  expect(linesOf(new Stage(0), reportOf('cancelled', { billing } as Partial<CancelReport>))).toEqual([
    'Nothing still runs.',
    'Billing: unknown. Nobody knows. The server reported 5 image tokens, 9 tokens in all.',
  ]);
});

describe('what is written of a cancel', () => {
  function written(stage: Stage, report: CancelReport): string[] {
    const jobs = stage.jobs().map((job) => ({ ...job, cancelRequests: 1 }));
    writeReport({ ...report, jobs }, stage, stage.outputOn());
    return stage.said().slice(0, -1);
  }

  test('images that were left on the server share a line with the way to them', () => {
    const stage = new Stage([{ index: 0, indices: [0, 1], backend: 'batches', name: 'batches/a', state: 'succeeded' }]);
    stage.deliver(0, { left: true });
    stage.deliver(1, { left: true });
    expect(written(stage, reportOf('completed-anyway'))).toEqual([
      'images 1, 2: completed before the cancel. To get it: npx --no genai-cancel attach batches/a -o FOLDER',
      'Nothing still runs.',
    ]);
    expect(stage.results).toBe('');
  });

  test('of a batch that had made some of its images', () => {
    const indices = [0, 1, 2, 3];
    const stage = new Stage([{ index: 0, indices, backend: 'batches', name: 'batches/a', state: 'succeeded' }]);
    stage.deliver(2, { path: 'a.png', note: 'a.png was\nthere already.' });
    const response = { generatedImages: [{ image: {} }] };
    const counts = { made: 1, cancelled: 3, failed: 0, running: 0, notSent: 0 };
    expect(written(stage, reportOf('partially-cancelled', { response, counts }))).toEqual([
      'In 0.0 s: 3 cancelled (confirmed by the server), 1 completed.',
      'Kept: a.png',
      'Nothing still runs.',
      'Billing: unknown. Nobody knows.',
    ]);
    expect(stage.results).toBe('a.png\n');
  });

  test('of a batch that is known by its name only', () => {
    const stage = new Stage([
      { index: 0, backend: 'batches', name: 'batches/a', state: 'failed', error: new Error('No.') },
    ]);
    expect(written(stage, reportOf('failed-anyway'))).toEqual([
      'the batch: failed before the cancel: No.',
      'Nothing still runs.',
    ]);
  });

  test('an image without a name cannot be fetched again', () => {
    const stage = new Stage([
      { index: 0, backend: 'models', state: 'succeeded' },
      { index: 1, backend: 'models', state: 'not-started' },
      { index: 2, backend: 'models', state: 'not-started' },
    ]);
    stage.deliver(0, { problem: 'ENOSPC' });
    expect(written(stage, reportOf('partially-cancelled'))).toEqual([
      'image 1: made, but not written (ENOSPC). The server does not keep it.',
      'Nothing still runs.',
    ]);
  });
});
