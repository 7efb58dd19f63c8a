import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { lighthouse, rejection, setup } from '../support/setup.js';

type Listener = (...args: unknown[]) => void;

/** Signals of other makes, each with the function that aborts it. They differ in how they call their listeners. */
function madeBy(call: (listener: Listener, signal: object) => void): { signal: AbortSignal; abort: () => void } {
  const inner = new EventEmitter();
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    addEventListener: (name: string, listener: Listener) => inner.on(name, () => call(listener, signal)),
    removeEventListener: () => undefined,
  };
  const abort = (): void => {
    signal.aborted = true;
    signal.reason = 'enough';
    inner.emit('abort');
  };
  return { signal: signal as unknown as AbortSignal, abort };
}

const makes: readonly [string, (listener: Listener, signal: object) => void][] = [
  ['without `this`', (listener) => listener()],
  ['with an inner emitter as `this`', (listener) => Reflect.apply(listener, new EventEmitter(), [{ type: 'abort' }])],
  ['with the event only', (listener) => listener({ type: 'abort' })],
];

describe.each(makes)('#81 a signal that calls its listeners %s', (_, call) => {
  it.each(['cancelSignal', 'config.abortSignal'] as const)('is obeyed as %s', async (place) => {
    const { clock, emulator, images } = setup({ emulator: { workMs: 60_000 } });
    const { signal, abort } = madeBy(call);
    const operation =
      place === 'cancelSignal'
        ? images.start(lighthouse, { cancelSignal: signal })
        : images.start({ ...lighthouse, config: { abortSignal: signal } });
    await clock.advance(1_000);
    abort();
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ cause: 'enough', report: { trigger: 'signal', outcome: 'cancelled' } });
    expect(emulator.meter.running()).toEqual([]);
  });
});
