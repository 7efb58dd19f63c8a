import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { listenToTriggers } from '../../src/operation/triggers.js';
import { resolveSettings } from '../../src/api/options.js';
import { createVirtualClock } from '../../src/testing/index.js';
import { Timers } from '../../src/util/timers.js';

function listenToSignals(cancelSignals: readonly AbortSignal[], cancel: Parameters<typeof listenToTriggers>[2]) {
  const clock = createVirtualClock();
  return listenToTriggers({ ...resolveSettings({ clock }, {}, undefined), cancelSignals }, new Timers(clock), cancel);
}

const listenersOn = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length;

describe('the signals of listenToTriggers()', () => {
  it('has one listener on a signal, however many operations there are, until the last is gone', () => {
    const controller = new AbortController();
    const [first, second] = [vi.fn(), vi.fn()];
    const drops = [first, second].map((stop) => listenToSignals([controller.signal], stop));
    expect(listenersOn(controller)).toBe(1);
    drops[0]?.();
    drops[0]?.();
    expect(listenersOn(controller)).toBe(1);
    controller.abort('enough');
    expect(first).not.toHaveBeenCalled();
    expect(second.mock.calls).toEqual([['signal', 'enough']]);
    drops[1]?.();
    expect(listenersOn(controller)).toBe(0);
  });

  it('can listen to a signal again that nobody had listened to any more', () => {
    const controller = new AbortController();
    listenToSignals([controller.signal], vi.fn())();
    const stop = vi.fn();
    listenToSignals([controller.signal], stop);
    expect(listenersOn(controller)).toBe(1);
    controller.abort();
    expect(stop).toHaveBeenCalledOnce();
  });

  it('stops on any of several, with the reason of that one', () => {
    const controllers = [new AbortController(), new AbortController()];
    const stop = vi.fn();
    const drop = listenToSignals(
      controllers.map(({ signal }) => signal),
      stop,
    );
    controllers[1]?.abort('the second');
    expect(stop.mock.calls).toEqual([['signal', 'the second']]);
    drop();
    expect(controllers.map(listenersOn)).toEqual([0, 0]);
  });

  it('of which one is aborted already, stops in a later turn, and listens to none', async () => {
    const controller = new AbortController();
    const stop = vi.fn();
    const drop = listenToSignals([controller.signal, AbortSignal.abort('before')], stop);
    expect(stop).not.toHaveBeenCalled();
    expect(listenersOn(controller)).toBe(0);
    await Promise.resolve();
    expect(stop.mock.calls).toEqual([['signal', 'before']]);
    drop();
    expect(stop).toHaveBeenCalledOnce();
  });
});
