import { expect, test } from 'vitest';
import { endingLines } from '../../../src/cli/view/ending.js';
import { withoutColour } from '../../../src/cli/view/paint.js';
import type { CancelReport } from '../../../src/exports.js';
import { reportOf } from './report-of.js';
import { settled, Stage } from './scene.js';

function linesOf(stage: Stage, report: CancelReport): string[] {
  const response = report.response === undefined ? {} : { response: report.response };
  return endingLines(settled({ report, ...response }), stage, 0).map(withoutColour);
}

test('of a stop: one line for every job, each with what is known of it', () => {
  const stage = new Stage(8);
  stage.become('succeeded', 'succeeded', 'cancelled', 'failed', 'not-started', 'running', 'submitting', 'running');
  stage.deliver(0);
  stage.fail(3, 'failed', 'Out of\nmemory.');
  const report = reportOf('unconfirmed', {
    response: { generatedImages: [{ image: {} }, { raiFilteredReason: 'Not nice.' }] },
    leftovers: [{ name: 'interactions/f', howToCancel: 'stop f' }, { howToCancel: 'Nothing can stop it.' }],
  });
  expect(linesOf(stage, report)).toEqual([
    'image 1: completed before the cancel, kept as out/image-1.png',
    'image 2: refused by the model before the cancel: Not nice.',
    'image 3: cancelled, the server confirms (interactions/c)',
    'image 4: failed before the cancel: Out of memory.',
    'image 5: never sent',
    'image 6: not confirmed, it may still be running. Stop it with: stop f',
    'image 7: not confirmed, it may still be running. Nothing can stop it.',
    'image 8: completed before the cancel, but not fetched in time: npx genai-cancel cancel interactions/h --out FOLDER',
    'Billing: unknown. Nobody knows.',
  ]);
});

test('of a stop: an image that was made and not written, and one that was refused by the server', () => {
  const stage = new Stage(2);
  stage.become('succeeded');
  stage.deliver(0, { problem: 'EROFS' });
  stage.fail(1, 'not-started', 'Quota exceeded.');
  expect(linesOf(stage, reportOf('partially-cancelled')).slice(0, 2)).toEqual([
    'image 1: made, but not written (EROFS). The server still has it: npx genai-cancel cancel interactions/a --out FOLDER',
    'image 2: Quota exceeded.',
  ]);
});

test('the tokens that the server reported are told', () => {
  const billing = { expectation: 'unknown', basis: 'Nobody knows.', usage: { outputImageTokens: 5, totalTokens: 9 } };
  expect(linesOf(new Stage(0), reportOf('cancelled', { billing } as Partial<CancelReport>))).toEqual([
    'Billing: unknown. Nobody knows. The server reported 5 image tokens, 9 tokens in all.',
  ]);
});
