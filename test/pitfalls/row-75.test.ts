import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, setup } from '../support/setup.js';

const SUBMIT_MS = 120_000;

/** The faults of one create, while the others are refused at once. */
const slow: readonly (readonly [string, Fault])[] = [
  ['is never answered', { kind: 'hang', route: 'create', times: 1 }],
  ['is refused after a minute', { kind: 'delay', route: 'create', ms: 60_000, times: 1 }],
];

describe('#75 a refused job beside a slow create', () => {
  it.each(slow)('#75 a refused job beside a slow create: the others are made while one %s', async (_, fault) => {
    const { clock, emulator, images } = setup({ emulator: { background: 'refused', faults: [fault] } });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 12 } });
    operation.on('warning', () => undefined);
    await clock.advance(SUBMIT_MS - 1);
    const made = emulator.meter.jobs.filter(({ endReason }) => endReason === 'completed');
    expect(made.length).toBeGreaterThanOrEqual(11);
    expect(emulator.meter.requestsTo('create').length).toBeLessThanOrEqual(8);
    void operation.cancel();
    await clock.advance(10_000);
  });
});
