import { expect, it } from 'vitest';
import { lighthouse, resolution, setup } from '../../support/setup.js';

it('asks to cancel a job once, however many siblings are refused, and also when a trigger follows', async () => {
  const { clock, emulator, images } = setup({
    emulator: {
      faults: [
        { kind: 'background-refused', skip: 1 },
        { kind: 'delay', route: 'cancel', ms: 500 },
      ],
    },
  });
  const operation = images.start({ ...lighthouse, config: { numberOfImages: 3 } }, { requireCancelable: true });
  operation.on('warning', () => undefined);
  await clock.advance(100);
  const report = await resolution(clock, operation.cancel());
  expect(report.jobs.map(({ cancelRequests }) => cancelRequests)).toEqual([1, 0, 0]);
  expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
});
