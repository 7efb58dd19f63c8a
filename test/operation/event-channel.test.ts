import { describe, expect, it, vi } from 'vitest';
import { EventChannel } from '../../src/operation/event-channel.js';

const state = { at: 1, from: 'queued', to: 'running' } as const;
const settled = { at: 2, state: 'succeeded' } as const;

function createChannel(): { channel: EventChannel; audienceChanged: ReturnType<typeof vi.fn> } {
  const audienceChanged = vi.fn();
  return { channel: new EventChannel(audienceChanged, () => undefined), audienceChanged };
}

describe('an event channel', () => {
  it('knows whether anyone listens, and tells when that may have changed', () => {
    const { channel, audienceChanged } = createChannel();
    const listener = vi.fn();
    expect([channel.hasListeners(), channel.hasListeners('state')]).toEqual([false, false]);
    channel.on('state', listener, false);
    expect([channel.hasListeners(), channel.hasListeners('state'), channel.hasListeners('image')]).toEqual([
      true,
      true,
      false,
    ]);
    channel.off('state', listener);
    expect(channel.hasListeners()).toBe(false);
    expect(audienceChanged).toHaveBeenCalledTimes(2);
  });

  it('counts an iterator as listening to everything, until it is left', async () => {
    const { channel, audienceChanged } = createChannel();
    const iterator = channel.iterate(undefined);
    expect([channel.hasListeners(), channel.hasListeners('image')]).toEqual([true, true]);
    await iterator.return?.();
    expect(channel.hasListeners()).toBe(false);
    expect(audienceChanged).toHaveBeenCalledTimes(2);
    await iterator.return?.();
    expect(audienceChanged).toHaveBeenCalledTimes(2);
  });

  it('takes off all listeners of a name, and those that hear one event after it', () => {
    const { channel } = createChannel();
    const heard: string[] = [];
    channel.on('state', () => heard.push('once'), true);
    channel.on('state', () => heard.push('always'), false);
    channel.emit('state', state);
    channel.emit('state', state);
    channel.off('state');
    channel.emit('state', state);
    expect(heard).toEqual(['once', 'always', 'always']);
  });

  it('tells the others what a listener throws, and does not swallow it', async () => {
    const { channel } = createChannel();
    const thrown = new Error('from a listener');
    const thrownLater: (() => void)[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => void thrownLater.push(callback));
    const iterator = channel.iterate(undefined);
    channel.on(
      'state',
      () => {
        throw thrown;
      },
      false,
    );
    channel.emit('state', state);
    vi.restoreAllMocks();
    expect(await iterator.next()).toEqual({ done: false, value: { type: 'state', ...state } });
    expect(thrownLater).toHaveLength(1);
    expect(thrownLater[0]).toThrow(thrown);
  });
});

describe('an iterator over events', () => {
  it('has what happened while nobody asked, in order, and ends with the end', async () => {
    const { channel } = createChannel();
    const iterator = channel.iterate(undefined);
    channel.emit('state', state);
    channel.emit('settled', settled);
    channel.close();
    expect(channel.hasListeners()).toBe(false);
    channel.emit('state', state);
    expect(await iterator.next()).toEqual({ done: false, value: { type: 'state', ...state } });
    expect(await iterator.next()).toEqual({ done: false, value: { type: 'settled', ...settled } });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('has what comes after `settled`, until the channel is closed', async () => {
    const { channel } = createChannel();
    const warning = { at: 3, code: 'late-job-cancelled', message: 'It came late.' } as const;
    const [before, after] = [
      channel.iterate(undefined),
      (channel.emit('settled', settled), channel.iterate(undefined)),
    ];
    channel.emit('warning', warning);
    channel.close();
    for (const iterator of [before, after]) {
      expect(await iterator.next()).toEqual({ done: false, value: { type: 'settled', ...settled } });
      expect(await iterator.next()).toEqual({ done: false, value: { type: 'warning', ...warning } });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    }
    expect(channel.hasIterators).toBe(false);
  });

  it('answers those who wait in the order in which they asked, and all of them at the end', async () => {
    const { channel } = createChannel();
    const iterator = channel.iterate(undefined);
    const asked = [iterator.next(), iterator.next(), iterator.next()];
    channel.emit('state', state);
    channel.emit('settled', settled);
    channel.close();
    expect(
      (await Promise.all(asked)).map(({ done, value }) => [done, (value as { type: string } | undefined)?.type]),
    ).toEqual([
      [false, 'state'],
      [false, 'settled'],
      [true, undefined],
    ]);
  });

  it('that is left while someone waits ends their waiting, and forgets what there was', async () => {
    const { channel } = createChannel();
    const iterator = channel.iterate(undefined);
    const waiting = iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    const another = channel.iterate(undefined);
    channel.emit('state', state);
    await another.return?.();
    expect(await another.next()).toEqual({ done: true, value: undefined });
  });

  it('over what is over has the end alone, for each', async () => {
    const { channel, audienceChanged } = createChannel();
    channel.emit('state', state);
    channel.emit('settled', settled);
    channel.close();
    for (let times = 0; times < 2; times++) {
      const iterator = channel.iterate(undefined);
      expect(await iterator.next()).toEqual({ done: false, value: { type: 'settled', ...settled } });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    }
    expect(channel.hasListeners()).toBe(false);
    expect(audienceChanged).not.toHaveBeenCalled();
  });

  it('throws the reason of its signal once, then has ended', async () => {
    const { channel } = createChannel();
    const controller = new AbortController();
    const iterator = channel.iterate(controller.signal);
    channel.emit('state', state);
    controller.abort('bored');
    expect(channel.hasListeners()).toBe(false);
    await expect(iterator.next()).rejects.toBe('bored');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('throws it to all who wait, and to nobody again', async () => {
    const { channel } = createChannel();
    const controller = new AbortController();
    const iterator = channel.iterate(controller.signal);
    const asked = Promise.allSettled([iterator.next(), iterator.next()]);
    controller.abort('bored');
    expect(await asked).toEqual([
      { status: 'rejected', reason: 'bored' },
      { status: 'rejected', reason: 'bored' },
    ]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('whose signal was aborted before listens to nothing', async () => {
    const { channel } = createChannel();
    const iterator = channel.iterate(AbortSignal.abort('before'));
    expect(channel.hasListeners()).toBe(false);
    channel.emit('state', state);
    await expect(iterator.next()).rejects.toBe('before');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('leaves no listener on its signal', async () => {
    const { channel } = createChannel();
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    await channel.iterate(signal).return?.();
    channel.iterate(signal);
    channel.close();
    expect(removed).toHaveBeenCalledTimes(2);
    expect(removed.mock.calls.map(([name]) => name)).toEqual(['abort', 'abort']);
    expect(new Set(removed.mock.calls.map(([, listener]) => listener)).size).toBe(2);
  });
});
