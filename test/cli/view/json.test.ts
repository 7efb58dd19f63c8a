import { expect, test } from 'vitest';
import { jsonView } from '../../../src/cli/view/view.js';
import { OperationCancelledError, type Image } from '../../../src/exports.js';
import { reportOf } from './report-of.js';
import { settled, Stage } from './scene.js';

test('images are told by where they are, wherever they come up, and never by their bytes', () => {
  const stage = new Stage(1);
  const image: Image = { imageBytes: 'QUFB', mimeType: 'image/png' };
  stage.deliver(0, { image, path: 'out/image-1.png' });
  const response = { generatedImages: [{ image }, { image: { imageBytes: 'QkJC' } }, { raiFilteredReason: 'no' }] };
  const report = reportOf('partially-cancelled', { response });
  const view = jsonView(stage, stage.outputOn());
  view.event({ type: 'image', at: 5, index: 0, image });
  view.event(settled({ response, report, error: new OperationCancelledError(report, []) }));
  view.tick();
  const lines = stage.results.trimEnd().split('\n');
  expect(stage.results).not.toMatch(/imageBytes|QUFB|QkJC/);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { type: 'image', at: 5, index: 0, image: { mimeType: 'image/png', path: 'out/image-1.png' } },
    expect.objectContaining({
      type: 'settled',
      error: expect.objectContaining({ name: 'AbortError', code: 'ABORT_ERR' }) as unknown,
      report: expect.objectContaining({
        outcome: 'partially-cancelled',
        reason: { name: 'Error', message: 'the reason' },
        response: {
          generatedImages: [
            { image: { mimeType: 'image/png', path: 'out/image-1.png' } },
            { image: {} },
            { raiFilteredReason: 'no' },
          ],
        },
      }) as unknown,
    }),
  ]);
});

test('an error without a toJSON says what it is', () => {
  const stage = new Stage(0);
  stage.outputOn().json({ error: new TypeError('no') });
  expect(stage.results).toBe('{"error":{"name":"TypeError","message":"no"}}\n');
});
