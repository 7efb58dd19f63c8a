import { describe, expect, it } from 'vitest';
import { cancelable, NotStartedError, type CancelableImages, type Operation } from '../../src/index.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

describe('await using images', () => {
  it('cancels on the server what is in flight, and waits for the reports', async () => {
    const { ai, clock, emulator } = setup();
    const started: Operation[] = [];
    const scope = async (): Promise<string> => {
      await using images = cancelable(ai, { clock });
      started.push(images.start(lighthouse), images.start(lighthouse));
      await Promise.all(started.map((operation) => operation.submitted()));
      return 'done';
    };
    expect(await resolution(clock, scope())).toBe('done');
    expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual(['cancelled', 'cancelled']);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(2);
    for (const operation of started) {
      const error = await rejection(clock, operation.result());
      expect(error).toMatchObject({
        cause: { name: 'AbortError' },
        report: { trigger: 'dispose', outcome: 'cancelled' },
      });
    }
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves alone what was detached, and what has settled', async () => {
    const { ai, clock, emulator } = setup();
    const scope = async (): Promise<Operation> => {
      await using images = cancelable(ai, { clock });
      await images.generateImages(lighthouse);
      const operation = images.start(lighthouse);
      operation.detach();
      await operation.submitted();
      return operation;
    };
    const operation = await resolution(clock, scope());
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(0);
    expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
  });

  it('starts nothing any more afterwards', async () => {
    const { ai, clock, emulator } = setup();
    let left: CancelableImages | undefined;
    const scope = async (): Promise<void> => {
      await using images = cancelable(ai, { clock });
      left = images;
      await Promise.resolve();
    };
    await resolution(clock, scope());
    for (const start of [
      () => left?.start(lighthouse),
      () => left?.startBatch([{ prompt: 'a' }], { model: lighthouse.model }),
      () => left?.attach('interactions/a'),
    ]) {
      expect(start).toThrow(NotStartedError);
      expect(start).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }) as Error);
    }
    expect(await rejection(clock, left?.generateImages(lighthouse) ?? Promise.resolve())).toMatchObject({
      code: 'CLIENT_CLOSED',
    });
    expect(emulator.meter.requests).toEqual([]);
  });

  it('does not bury the error of its scope', async () => {
    const { ai, clock, emulator } = setup({ emulator: { faults: [{ kind: 'status', route: '*', status: 500 }] } });
    const mistake = new Error('a mistake of the caller');
    const scope = async (): Promise<void> => {
      await using images = cancelable(ai, { clock });
      images.start(lighthouse).on('warning', () => undefined);
      await clock.settle();
      throw mistake;
    };
    expect(await rejection(clock, scope())).toBe(mistake);
    expect(emulator.meter.requestsTo('create').length).toBeGreaterThan(0);
  });
});
