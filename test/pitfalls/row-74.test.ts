import { describe, expect, it } from 'vitest';
import type { EmulatorOptions } from '../../src/testing/index.js';
import { lighthouse, resolution, setup } from '../support/setup.js';
import { worlds } from './support.js';

const { model } = lighthouse;

describe('#74 capabilities() after cancels that were refused', () => {
  it.each(['B with 403', 'B with 404'] as const)(
    '#74 capabilities() after cancels that were refused: %s is never a yes, and the image comes by attach()',
    async (world) => {
      const { clock, emulator, images } = setup({ emulator: { ...worlds[world], workMs: 30_000 } });
      const operation = images.start(lighthouse);
      operation.on('warning', () => undefined);
      await resolution(clock, operation.submitted());
      const report = await resolution(clock, operation.cancel());
      const { name = '' } = operation.jobs[0] ?? {};
      expect(report.outcome).toBe('unconfirmed');
      expect(report.settledAt - report.requestedAt).toBeLessThanOrEqual(8_000);
      expect(report.leftovers.map((leftover) => leftover.name)).toEqual([name]);
      expect(images.capabilities(model)).toMatchObject({ cancelable: 'unknown' });
      await clock.advance(60_000);
      expect(images.capabilities(model)).toMatchObject({ cancelable: 'no', known: 'observed' });
      const attached = images.attach(name);
      expect((await resolution(clock, attached.result())).generatedImages[0]?.image).toBeDefined();
      expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    },
  );

  it.each<[string, EmulatorOptions]>([
    ['was acknowledged and did nothing', { faults: [{ kind: 'cancel-ignored' }] }],
    ['was never answered', { faults: [{ kind: 'hang', route: 'cancel' }] }],
    ['lost the race', { faults: [{ kind: 'cancel-lag', ms: 10_000 }] }],
  ])('#74 capabilities() after cancels that were refused: nor is one that %s', async (_, settings) => {
    const { clock, images } = setup({ emulator: settings });
    const operation = images.start(lighthouse);
    await resolution(clock, operation.submitted());
    await resolution(clock, operation.cancel());
    await clock.advance(60_000);
    expect(images.capabilities(model).cancelable).not.toBe('yes');
  });

  it('#74 capabilities() after cancels that were refused: a confirmed one is a yes', async () => {
    const { clock, images } = setup();
    const operation = images.start(lighthouse);
    await resolution(clock, operation.submitted());
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'unknown' });
    await resolution(clock, operation.cancel());
    expect(images.capabilities(model)).toMatchObject({ cancelable: 'yes', known: 'observed' });
  });
});
