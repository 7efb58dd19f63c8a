import { describe, expect, it } from 'vitest';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

/** Values that somebody may take for options. */
const notOptions: readonly [string, () => unknown][] = [
  ['an AbortSignal', () => new AbortController().signal],
  ['an aborted AbortSignal', () => AbortSignal.abort()],
  ['a signal of another make', () => ({ aborted: false, addEventListener: () => undefined })],
  ['null', () => null],
  ['a function', () => () => undefined],
  ['a list', () => []],
];

describe.each(notOptions)('#63 %s in place of options', (_, value) => {
  it('is refused by generateImages(), and nothing is sent', async () => {
    const { clock, emulator, images } = setup();
    const error = await rejection(clock, images.generateImages(lighthouse, value() as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(emulator.meter.requests).toEqual([]);
  });

  it('is refused by attach()', () => {
    const { images } = setup();
    expect(() => images.attach('interactions/1', value() as never)).toThrow(TypeError);
  });
});

/** Options as other code may hold them. */
class Options {
  readonly #ms = 500;

  get timeoutMs(): number {
    return this.#ms;
  }
}
const held: readonly [string, object][] = [
  ['behind a getter of their class', new Options()],
  ['inherited', Object.create({ timeoutMs: 500 }) as object],
  ['behind a getter that is not enumerable', Object.defineProperty({}, 'timeoutMs', { get: () => 500 })],
];

describe.each(held)('#85 options that are %s', (_, options) => {
  it('are obeyed by start()', async () => {
    const { clock, images } = setup({ emulator: { workMs: 60_000 } });
    const operation = images.start(lighthouse, options);
    await clock.advance(600);
    expect(await rejection(clock, operation.result())).toMatchObject({ report: { trigger: 'timeout' } });
  });
});

it('#85 limits and config are read however their values are held', async () => {
  class Config {
    readonly #count = 2;

    get numberOfImages(): number {
      return this.#count;
    }
  }
  const { clock, emulator, images } = setup();
  const limits = Object.create({ pollMs: 50 }) as object;
  expect(() => images.start(lighthouse, { limits })).toThrow('limits.pollMs');
  await resolution(clock, images.generateImages({ ...lighthouse, config: new Config() }));
  expect(emulator.meter.jobs).toHaveLength(2);
});

it('#85 an inherited name that is no option is refused', () => {
  const { images } = setup();
  expect(() => images.start(lighthouse, Object.create({ timeoutMS: 5 }) as object)).toThrow(
    'Did you mean `timeoutMs`?',
  );
});
