import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { OperationCancelledError, type Operation } from '../../src/index.js';
import { lighthouse, rejection, resolution, setup, WORK_MS } from '../support/setup.js';

const QUEUE_AND_WORK = 100 + WORK_MS + 500;

describe('a stop before anything was sent', () => {
  it('sends nothing for a signal that was aborted beforehand', async () => {
    const { clock, emulator, images } = setup();
    const reason = { why: 'the prompt is wrong' };
    const error = await rejection(
      clock,
      images.generateImages({ ...lighthouse, config: { numberOfImages: 4, abortSignal: AbortSignal.abort(reason) } }),
    );
    expect(error).toBeInstanceOf(OperationCancelledError);
    expect(error).toMatchObject({
      name: 'AbortError',
      code: 'ABORT_ERR',
      report: { outcome: 'not-started', trigger: 'signal', billing: { expectation: 'none' }, leftovers: [] },
    });
    expect((error as OperationCancelledError).cause).toBe(reason);
    await clock.advance(60_000);
    expect(emulator.meter.requests).toEqual([]);
  });

  it.each(['cancel', 'signal'] as const)('sends nothing for a %s in the turn of start()', async (trigger) => {
    const { clock, emulator, images } = setup();
    const controller = new AbortController();
    const operation = images.start(lighthouse, { cancelSignal: controller.signal });
    if (trigger === 'cancel') void operation.cancel();
    else controller.abort();
    expect(await rejection(clock, operation.result())).toMatchObject({ report: { outcome: 'not-started', trigger } });
    expect(emulator.meter.requests).toEqual([]);
    expect(operation.state).toBe('cancelled');
  });
});

describe('a stop while the create is in flight', () => {
  it('lets the answer land, then cancels the job that it names, with one request', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'delay', route: 'create', ms: 1_000 }] },
    });
    const controller = new AbortController();
    const result = images.generateImages({ ...lighthouse, config: { abortSignal: controller.signal } });
    result.catch(() => undefined);
    await clock.advance(500);
    controller.abort('too slow');
    await clock.advance(499);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(0);
    const error = await rejection(clock, result);
    expect(error).toMatchObject({ cause: 'too slow', report: { outcome: 'cancelled', jobs: [{ cancelRequests: 1 }] } });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
    expect(emulator.meter.requestsTo('create')[0]).not.toHaveProperty('clientLeftAt', expect.any(Number));
  });

  it('wakes a create that waits for its next try, and starts nothing', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'status', route: 'create', status: 503, headers: { 'retry-after': '20' } }] },
    });
    const operation = images.start(lighthouse);
    await clock.advance(1_000);
    expect(emulator.meter.requestsTo('create')).toHaveLength(1);
    void operation.cancel();
    await clock.settle();
    expect(operation.state).toBe('cancelled');
    expect(await operation.cancel()).toMatchObject({ outcome: 'not-started', jobs: [{ cancelRequests: 0 }] });
    await clock.advance(60_000);
    expect(emulator.meter.requests).toHaveLength(1);
  });

  it('reports a create that the server then refuses as not started', async () => {
    const { clock, emulator, images } = setup({
      emulator: {
        faults: [
          { kind: 'delay', route: 'create', ms: 1_000, when: 'before' },
          { kind: 'status', route: 'create', status: 400, message: 'No such aspect ratio.' },
        ],
      },
    });
    const operation = images.start(lighthouse);
    await clock.advance(100);
    const report = await resolution(clock, operation.cancel());
    expect(report).toMatchObject({ outcome: 'not-started', jobs: [{ error: { name: 'NotStartedError' } }] });
    expect(report.billing.expectation).not.toBe('full');
    expect(emulator.meter.jobs).toEqual([]);
  });

  it('ends unconfirmed within the budget when the create is never answered, and cancels the name that comes later', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'delay', route: 'create', ms: 30_000 }], workMs: 600_000 },
    });
    const operation = images.start(lighthouse);
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    await clock.advance(100);
    const startedAt = clock.now();
    const report = await resolution(clock, operation.cancel());
    expect(clock.now() - startedAt).toBe(8_000);
    expect(report).toMatchObject({
      outcome: 'unconfirmed',
      jobs: [{ cancelRequests: 0 }],
      leftovers: [{ howToCancel: expect.stringContaining('cannot be listed') as string }],
    });
    expect(operation.state).toBe('abandoned');
    expect(emulator.meter.running()).toHaveLength(1);
    await clock.advance(30_000);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
    expect(warnings).toEqual(['late-job-cancelled']);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a stop while the job is queued or running', () => {
  it.each([50, 1_000])('hands the cancel to the SDK in the turn of the trigger (%i ms after the start)', async (ms) => {
    const { clock, emulator, ai, images } = setup();
    const operation = images.start(lighthouse);
    await clock.advance(ms);
    const calls: string[] = [];
    const { interactions } = ai;
    const cancel = interactions.cancel.bind(interactions);
    interactions.cancel = (...args: Parameters<typeof cancel>) => {
      calls.push('cancel');
      return cancel(...args);
    };
    void operation.cancel();
    expect(calls).toEqual(['cancel']);
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ report: { outcome: 'cancelled', trigger: 'cancel' } });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
    expect(emulator.meter.gpuMs()).toBeLessThan(WORK_MS);
  });

  it('never sends the reason, and keeps the first one by identity', async () => {
    const { clock, emulator, images } = setup();
    const controller = new AbortController();
    const reason = new Error('the-secret-reason');
    const operation = images.start(lighthouse, { cancelSignal: controller.signal });
    await clock.advance(500);
    controller.abort(reason);
    void operation.cancel('another');
    const report = await resolution(clock, operation.cancel('a third'));
    expect(report.reason).toBe(reason);
    expect(report.trigger).toBe('signal');
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
    expect(JSON.stringify(emulator.meter.requests)).not.toContain('the-secret-reason');
  });

  it('takes a reason that is no AbortError, undefined and null included', async () => {
    for (const reason of [undefined, null, 0, 'stop', new TypeError('x')]) {
      const { clock, emulator, images } = setup();
      const controller = new AbortController();
      const operation = images.start(lighthouse, { cancelSignal: controller.signal });
      await clock.advance(500);
      controller.abort(reason);
      const error = await rejection(clock, operation.result());
      expect((error as Error).cause).toBe(controller.signal.reason);
      expect(emulator.meter.jobs[0]?.endReason).toBe('cancelled');
    }
  });

  it('stops on both signals when both are given', async () => {
    for (const which of ['abortSignal', 'cancelSignal'] as const) {
      const { clock, images } = setup();
      const controllers = { abortSignal: new AbortController(), cancelSignal: new AbortController() };
      const operation = images.start(
        { ...lighthouse, config: { abortSignal: controllers.abortSignal.signal } },
        { cancelSignal: controllers.cancelSignal.signal },
      );
      await clock.advance(500);
      controllers[which].abort();
      expect(await rejection(clock, operation.result())).toMatchObject({ report: { outcome: 'cancelled' } });
      for (const { signal } of Object.values(controllers)) expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
  });

  it('cancels n jobs side by side, and keeps the images that were finished', async () => {
    const { clock, emulator, images } = setup({
      emulator: { faults: [{ kind: 'end', status: 'pondering', skip: 2 }] },
    });
    const operation = images.start({ ...lighthouse, config: { numberOfImages: 4 } });
    const warnings: string[] = [];
    operation.on('warning', ({ code }) => warnings.push(code));
    await clock.advance(QUEUE_AND_WORK);
    const report = await resolution(clock, operation.cancel());
    expect(report.outcome).toBe('partially-cancelled');
    expect(report.response?.generatedImages).toHaveLength(2);
    expect(report.jobs.map(({ cancelRequests }) => cancelRequests)).toEqual([0, 0, 1, 1]);
    const asked = emulator.meter.requestsTo('cancel').map(({ at }) => at);
    expect(asked[0]).toBe(asked[1]);
    expect(emulator.meter.jobs.map(({ endReason }) => endReason)).toEqual([
      'completed',
      'completed',
      'cancelled',
      'cancelled',
    ]);
    expect(warnings).toEqual(['unknown-status', 'unknown-status']);
  });
});

describe('other triggers', () => {
  it('a timeout cancels on the server, with a TimeoutError as the cause', async () => {
    const { clock, emulator, images } = setup();
    const error = await rejection(clock, images.generateImages(lighthouse, { timeoutMs: 1_000 }));
    expect(error).toMatchObject({ name: 'AbortError', report: { outcome: 'cancelled', trigger: 'timeout' } });
    expect((error as Error).cause).toBeInstanceOf(DOMException);
    expect((error as Error).cause).toMatchObject({
      name: 'TimeoutError',
      message: 'The operation did not end within 1000 ms.',
    });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });

  it('a timeout above 2^31-1 ms does not fire at once', async () => {
    const { clock, images } = setup();
    expect(await resolution(clock, images.generateImages(lighthouse, { timeoutMs: 2 ** 33 }))).toHaveProperty(
      'generatedImages',
    );
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaving an `await using` scope cancels, and does not bury the error of the scope', async () => {
    const { clock, emulator, images } = setup();
    const scope = async (): Promise<void> => {
      await using operation = images.start(lighthouse);
      await operation.submitted();
      throw new RangeError('from the scope');
    };
    expect(await rejection(clock, scope())).toBeInstanceOf(RangeError);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  });

  it('gives a reason where the caller has given none', async () => {
    const causeOf = async (stop: (operation: Operation) => PromiseLike<unknown>): Promise<unknown> => {
      const { clock, images } = setup();
      const operation = images.start(lighthouse);
      void stop(operation);
      return ((await rejection(clock, operation.result())) as Error).cause;
    };
    const causes = [
      await causeOf((operation) => operation.cancel()),
      await causeOf((operation) => operation[Symbol.asyncDispose]()),
    ];
    for (const cause of causes) expect(cause).toBeInstanceOf(DOMException);
    expect(causes).toMatchObject([
      { name: 'AbortError', message: 'The operation was cancelled.' },
      { name: 'AbortError', message: 'The scope of the operation was left.' },
    ]);
  });

  it('detach() makes leaving the scope leave it running', async () => {
    const { clock, emulator, images } = setup();
    const scope = async (): Promise<void> => {
      await using operation = images.start(lighthouse);
      await operation.submitted();
      operation.detach();
    };
    await resolution(clock, scope());
    await clock.advance(QUEUE_AND_WORK);
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'completed' }]);
    expect(emulator.meter.requestsTo('cancel')).toHaveLength(0);
  });
});

describe('a signal for several operations', () => {
  it('stops one that was started while another one was still stopping', async () => {
    const { clock, emulator, images } = setup();
    const controller = new AbortController();
    const { signal } = controller;
    const first = images.start(lighthouse, { cancelSignal: signal });
    await resolution(clock, first.submitted());
    const report = first.cancel();
    const second = images.start(lighthouse, { cancelSignal: signal });
    expect(await resolution(clock, report)).toMatchObject({ outcome: 'cancelled' });
    await resolution(clock, second.submitted());
    controller.abort();
    expect(await rejection(clock, second.result())).toMatchObject({
      report: { trigger: 'signal', outcome: 'cancelled' },
    });
    expect(emulator.meter.running()).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
