import { describe, expect, it } from 'vitest';
import { cancelable, type CancelableOptions, type OperationOptions } from '../../src/index.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

type Refusal = readonly [options: unknown, kind: typeof TypeError | typeof RangeError, message: string];

const refusals: readonly Refusal[] = [
  [
    { backend: 'gpu' },
    TypeError,
    "Expected `backend` to be one of 'auto', 'interactions', 'batches', 'models', got 'gpu'.",
  ],
  [{ requireCancelable: 1 }, TypeError, 'Expected `requireCancelable` to be a boolean, got `1` (number).'],
  [{ maxConcurrency: 0 }, RangeError, 'Expected `maxConcurrency` to be an integer >= 1, got `0` (number).'],
  [{ maxConcurrency: 1.5 }, RangeError, 'Expected `maxConcurrency` to be an integer >= 1'],
  [{ cancelSignal: {} }, TypeError, 'Expected `cancelSignal` to be an AbortSignal, got an object.'],
  [{ timeoutMs: 0 }, RangeError, 'Expected `timeoutMs` to be a finite number > 0, got `0` (number).'],
  [{ timeoutMs: -1 }, RangeError, 'Expected `timeoutMs` to be a finite number > 0, got `-1` (number).'],
  [{ timeoutMs: Infinity }, RangeError, 'timeoutMs'],
  [{ timeoutMs: '5' }, TypeError, 'Expected `timeoutMs` to be a finite number > 0, got a string.'],
  [{ cancelTimeoutMs: -1 }, RangeError, 'Expected `cancelTimeoutMs` to be a finite number >= 0, got `-1` (number).'],
  [{ cancelTimeoutMs: Number.NaN }, TypeError, 'cancelTimeoutMs'],
  [{ signals: 'SIGINT' }, TypeError, 'Expected `signals` to be `false` or a list of process signals'],
  [{ signals: true }, TypeError, 'signals'],
  [{ signals: ['SIGKILL'] }, TypeError, 'Expected `signals[]` to be the name of a signal that can be caught'],
  [{ signals: ['SIGSTOP'] }, TypeError, 'signals[]'],
  [{ signals: ['sigint'] }, TypeError, 'signals[]'],
  [{ signals: [2] }, TypeError, 'signals[]'],
  [{ journal: {} }, TypeError, 'journal'],
  [{ journal: true }, TypeError, 'journal'],
  [{ tag: '' }, RangeError, 'Expected `tag` to be a string of 1 to 256 characters'],
  [{ tag: 'x'.repeat(257) }, RangeError, 'tag'],
  [{ tag: 7 }, TypeError, 'tag'],
  [{ limits: [] }, TypeError, 'Expected `limits` to be an object, got an array.'],
  [{ limits: { submitMs: 0 } }, RangeError, 'Expected `limits.submitMs` to be a finite number >= 1'],
  [{ limits: { watchMs: Infinity } }, RangeError, 'Expected `limits.watchMs` to be a finite number >= 1'],
  [{ limits: { pollMs: 99 } }, RangeError, 'Expected `limits.pollMs` to be a finite number >= 100'],
  [{ limits: { salvageMs: -1 } }, RangeError, 'Expected `limits.salvageMs` to be a finite number >= 0'],
  [{ limits: { exitMs: '1' } }, TypeError, 'Expected `limits.exitMs` to be a finite number >= 0, got a string.'],
  [[], TypeError, 'Expected `options` to be an object, got an array.'],
  [null, TypeError, 'Expected `options` to be an object, got null.'],
  ['auto', TypeError, 'Expected `options` to be an object, got a string.'],
];

/** Unknown names, and the known one that was meant. */
const slips: readonly (readonly [options: unknown, name: string, meant: string | undefined])[] = [
  [{ timeout: 5 }, 'timeout', 'timeoutMs'],
  [{ timeoutMS: 5 }, 'timeoutMS', 'timeoutMs'],
  [{ maxConcurency: 2 }, 'maxConcurency', 'maxConcurrency'],
  [{ requireCancellable: true }, 'requireCancellable', 'requireCancelable'],
  [{ canceltimeoutms: 1 }, 'canceltimeoutms', 'cancelTimeoutMs'],
  [{ signal: [] }, 'signal', 'signals'],
  [{ limit: {} }, 'limit', 'limits'],
  [{ limits: { sumbitMs: 1 } }, 'sumbitMs', 'submitMs'],
  [{ limits: { pollIntervalMs: 1 } }, 'pollIntervalMs', undefined],
  [{ whatever: 1 }, 'whatever', undefined],
];

/** Options that there are no longer, or not yet: none is ignored. */
const unknown = ['fallback', 'migrateImagen', 'salvage', 'onCompletedAnyway', 'journalPrompts', 'submitTimeoutMs', 'watchFailureMs', 'pollIntervalMs', 'salvageTimeoutMs', 'exitTimeoutMs']; // prettier-ignore

const places: readonly [string, (options: never) => unknown][] = [
  ['cancelable()', (options) => cancelable(setup().ai, options)],
  ['start()', (options) => setup().images.start(lighthouse, options)],
  ['attach()', (options) => setup().images.attach('interactions/1', options)],
];

describe.each(places)('the options of %s', (_, give) => {
  it.each(refusals)('are checked: %o', (options, kind, message) => {
    expect(() => give(options as never)).toThrow(kind);
    expect(() => give(options as never)).toThrow(message);
  });

  it.each(slips)('that are misspelt are refused, with the known one: %o', (options, name, meant) => {
    const hint = meant === undefined ? '' : ` Did you mean \`${meant}\`?`;
    const expected = new RegExp(`to have no \`${name}\`\\.${hint.replaceAll('?', '\\?')} Known are: `);
    expect(() => give(options as never)).toThrow(TypeError);
    expect(() => give(options as never)).toThrow(expected);
  });

  it.each([
    [{ backend: 'interaction' }, "got 'interaction'. Did you mean `interactions`?"],
    [{ signals: ['sigint'] }, 'got a string. Did you mean `SIGINT`?'],
    [{ signals: ['SIG-TERM'] }, 'got a string. Did you mean `SIGTERM`?'],
    [{ limits: { watchMS: 1 } }, 'to have no `watchMS`. Did you mean `watchMs`?'],
  ])('have a hint at the value that may be meant: %o', (options, hint) => {
    expect(() => give(options as never)).toThrow(hint);
  });

  it.each(unknown)('refuse %s', (name) => {
    expect(() => give({ [name]: 1 } as never)).toThrow(`to have no \`${name}\`.`);
  });
});

it('the options of startBatch() are checked, and have no backend', () => {
  const { emulator, images } = setup();
  const start = (options: object) => (): unknown =>
    images.startBatch([{ prompt: 'a' }], { model: lighthouse.model, ...options });
  expect(start({ timeoutMs: 0 })).toThrow(RangeError);
  expect(start({ maxConcurency: 1 })).toThrow('Did you mean `maxConcurrency`?');
  expect(emulator.meter.requests).toEqual([]);
});

it('a misspelt event is refused, since its listener would never be called', () => {
  const operation = setup().images.start(lighthouse);
  expect(() => operation.on('iamge' as never, Object)).toThrow("got 'iamge'. Did you mean `image`?");
  expect(() => operation.once('setled' as never, Object)).toThrow(TypeError);
  expect(() => operation.on(undefined as never, Object)).toThrow('Expected `name` to be one of');
});

it('attach() knows its own options too', () => {
  const { images } = setup();
  expect(() => images.attach('interactions/1', { storge: {} } as never)).toThrow('Did you mean `storage`?');
});

it('the clock is an option of cancelable() only', () => {
  const { ai, images } = setup();
  expect(() => cancelable(ai, { clock: {} } as never)).toThrow('Expected `clock` to be an object with now()');
  expect(() => images.start(lighthouse, { clock: {} } as never)).toThrow('to have no `clock`');
});

it.each<OperationOptions>([
  { backend: 'interactions', requireCancelable: true, maxConcurrency: 1, tag: 'x'.repeat(256) },
  { timeoutMs: 0.5, cancelTimeoutMs: 0, signals: false, journal: false },
  { signals: ['SIGINT', 'SIGUSR2', 'SIGBREAK'], limits: {} },
  { limits: { submitMs: 1, watchMs: 1, pollMs: 100, salvageMs: 0, exitMs: 0 } },
  { backend: undefined, timeoutMs: undefined, limits: { pollMs: undefined } },
])('takes what is within bounds: %o', (options) => {
  const { images } = setup();
  expect(() => images.start(lighthouse, options)).not.toThrow();
});

describe('the options of one call win over those of the client', () => {
  it('one by one; undefined keeps the default', async () => {
    const { clock, images } = setup({ client: { timeoutMs: 1_000 } });
    const timedOut = { report: { trigger: 'timeout' } };
    expect(await rejection(clock, images.generateImages(lighthouse))).toMatchObject(timedOut);
    expect(await rejection(clock, images.generateImages(lighthouse, { timeoutMs: undefined }))).toMatchObject(timedOut);
    expect(await resolution(clock, images.generateImages(lighthouse, { timeoutMs: 60_000 }))).toHaveProperty(
      'generatedImages',
    );
  });

  it('limits key by key', async () => {
    const client: CancelableOptions = { limits: { submitMs: 5_000, watchMs: 7_000 } };
    const hanging = [{ kind: 'hang', route: 'create' } as const, { kind: 'hang', route: 'generateContent' } as const];
    const { clock, images } = setup({ emulator: { faults: hanging }, client });
    const tookMs = async (options: OperationOptions): Promise<number> => {
      const startedAt = clock.now();
      const operation = images.start(lighthouse, options);
      operation.on('warning', () => undefined);
      await rejection(clock, operation.result());
      return clock.now() - startedAt;
    };
    expect(await tookMs({})).toBe(5_000);
    expect(await tookMs({ limits: { watchMs: 1_000 } })).toBe(5_000);
    expect(await tookMs({ limits: { submitMs: 2_000 } })).toBe(2_000);
    expect(await tookMs({ limits: { submitMs: undefined } })).toBe(5_000);
    expect(await tookMs({ backend: 'models', limits: { submitMs: 2_000 } })).toBe(7_000);
  });

  it('does not change what the caller gave', () => {
    const options = Object.freeze({ limits: Object.freeze({ watchMs: 1_000 }), signals: Object.freeze([]) });
    const { images } = setup({ client: options });
    images.start(lighthouse, options);
    expect(options).toEqual({ limits: { watchMs: 1_000 }, signals: [] });
  });
});
