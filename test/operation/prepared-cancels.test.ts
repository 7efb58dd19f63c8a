import { describe, expect, it, vi } from 'vitest';
import type { CancelTemplate } from '../../src/google/port.js';
import type { OperationContext } from '../../src/operation/job/context.js';
import { plainPlatform } from '../../src/operation/platform.js';
import { PreparedCancels } from '../../src/operation/prepared-cancels.js';
import { Latch } from '../../src/util/latch.js';
import { Timers } from '../../src/util/timers.js';
import { createVirtualClock, type VirtualClock } from '../../src/testing/index.js';
import { cancelableBackend, failure, jobWith, lastingBackend } from '../support/jobs.js';

const REFRESH_MS = 240_000;

function createContext(clock: VirtualClock, fields: { cancelsOnExit?: boolean; exitMs?: number } = {}) {
  const { cancelsOnExit = true, exitMs = 1_500 } = fields;
  const closed = new Latch();
  const parts = {
    timers: new Timers(clock),
    settings: { limits: { exitMs } },
    closed,
  };
  const context = parts as unknown as OperationContext;
  return { context, platform: { ...plainPlatform, cancelsOnExit }, close: closed.abort };
}

const templateWith =
  (token: string): CancelTemplate =>
  (id) => ({ name: id, url: `https://host/${id}`, method: 'POST', headers: { authorization: token } });

describe('prepared cancels', () => {
  it('are those of jobs that have a name, have not ended, and were not acknowledged', async () => {
    const clock = createVirtualClock();
    const { context, platform } = createContext(clock);
    const backend = cancelableBackend({ prepareCancel: () => Promise.resolve(templateWith('t')) });
    const acknowledged = jobWith({ backend, status: {} });
    acknowledged.take({ type: 'cancel-acknowledged', at: 1 });
    const jobs = [
      jobWith({ backend, status: {} }),
      jobWith({ backend }),
      acknowledged,
      jobWith({ backend, status: {}, end: failure }),
      jobWith({ status: {} }),
    ];
    const prepared = new PreparedCancels(() => jobs);
    expect(prepared.pending()).toEqual([]);
    void prepared.keepReady(backend, context, platform);
    await clock.settle();
    expect(prepared.pending()).toEqual([templateWith('t')('a')]);
  });

  it('are kept fresh until the end, and forgotten then', async () => {
    const clock = createVirtualClock();
    const { context, platform, close } = createContext(clock);
    let count = 0;
    const backend = cancelableBackend({ prepareCancel: () => Promise.resolve(templateWith(String(++count))) });
    const prepared = new PreparedCancels(() => [jobWith({ backend, status: {} })]);
    const tokens = (): unknown[] => prepared.pending().map(({ headers }) => headers['authorization']);
    void prepared.keepReady(backend, context, platform);
    await clock.advance(REFRESH_MS - 1);
    expect(tokens()).toEqual(['1']);
    await clock.advance(1);
    expect(tokens()).toEqual(['2']);
    close();
    await clock.settle();
    expect(tokens()).toEqual([]);
    expect([count, clock.pendingTimers]).toEqual([2, 0]);
  });

  it('stay as they were where new credentials are not to be had', async () => {
    const clock = createVirtualClock();
    const { context, platform } = createContext(clock);
    const prepareCancel = vi
      .fn<() => Promise<CancelTemplate | undefined>>()
      .mockResolvedValueOnce(templateWith('1'))
      .mockRejectedValueOnce(new Error('no'))
      .mockResolvedValueOnce(undefined)
      .mockResolvedValue(templateWith('4'));
    const backend = cancelableBackend({ prepareCancel });
    const prepared = new PreparedCancels(() => [jobWith({ backend, status: {} })]);
    void prepared.keepReady(backend, context, platform);
    for (const token of ['1', '1', '1', '4']) {
      await clock.settle();
      expect(prepared.pending()).toMatchObject([{ headers: { authorization: token } }]);
      await clock.advance(REFRESH_MS);
    }
  });

  it.each([
    [{ cancelsOnExit: false }, cancelableBackend],
    [{ exitMs: 0 }, cancelableBackend],
    [{}, lastingBackend],
  ])('are none where there is no use for them: %o', async (fields, createBackend) => {
    const clock = createVirtualClock();
    const prepareCancel = vi.fn(() => Promise.resolve(undefined));
    const { context, platform } = createContext(clock, fields);
    await new PreparedCancels(() => []).keepReady({ ...createBackend(), prepareCancel } as never, context, platform);
    expect(prepareCancel).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });
});
