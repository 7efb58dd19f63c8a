import { describe, expect, it } from 'vitest';
import { configRules, type Target } from '../../src/google/config-table.js';
import { createVirtualClock, type Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, setup } from '../support/setup.js';
import { endless, startWith, ways } from './support.js';

describe.each(ways.filter(({ backend }) => backend !== 'batches'))('#12 paid POSTs retried without a key', (way) => {
  it.each([
    ...[408, 500, 502, 504].map((status): Fault => ({ kind: 'status', status, when: 'after' })),
    { kind: 'reset', when: 'after' } as const,
    { kind: 'garbage', when: 'after' } as const,
    { kind: 'hang', when: 'after' } as const,
  ])(`#12 paid POSTs retried without a key: not of ${way.name} after $kind $status`, async (fault) => {
    const { clock, emulator, operation } = startWith([{ ...fault, route: way.create }], { way, limits: { submitMs: 10_000 }, timeoutMs: 60_000 }); // prettier-ignore
    await rejection(clock, operation.result());
    await clock.advance(600_000);
    expect(emulator.meter.requestsTo(way.create)).toHaveLength(1);
  });
});

it.each(ways)("#12 paid POSTs retried without a key: nor by the SDK's own retries, for $name", async (way) => {
  const { ai, clock, images } = setup({ vertex: way.vertex === true });
  const asked: unknown[] = [];
  const record = (module: object, name: string): void => {
    const call = (module as Record<string, (...args: unknown[]) => unknown>)[name]?.bind(module);
    Object.assign(module, { [name]: (...args: unknown[]) => (asked.push(...args), call?.(...args)) });
  };
  record(ai.interactions, 'create');
  record(ai.batches, 'create');
  record(ai.models, 'generateContent');
  record(ai.models, 'generateImages');
  const operation = images.start({ ...lighthouse, ...(way.model && { model: way.model }) }, { backend: way.backend });
  operation.on('warning', () => undefined);
  await clock.settle();
  const off = way.backend === 'interactions' ? { maxRetries: 0 } : { config: { httpOptions: { retryOptions: { attempts: 1 } } } }; // prettier-ignore
  expect(asked).toContainEqual(expect.objectContaining(way.backend === 'interactions' ? off : { model: way.model ?? lighthouse.model })); // prettier-ignore
  expect(asked.at(-1)).toMatchObject(off);
});

describe('#13 an accepted option that never reaches the wire', () => {
  const values = {
    aspectRatio: '16:9',
    imageSize: '2K',
    outputMimeType: 'image/jpeg',
    seed: 4711,
    labels: { team: 'harbour' },
    outputGcsUri: 'gs://harbour/out',
    negativePrompt: 'people',
    guidanceScale: 13,
    safetyFilterLevel: 'BLOCK_ONLY_HIGH',
    personGeneration: 'ALLOW_ADULT',
    language: 'ja',
    outputCompressionQuality: 77,
    addWatermark: false,
    enhancePrompt: true,
  } as const;
  const onWire: Partial<Record<string, string>> = { labels: '"team":"harbour"', outputGcsUri: 'gs://harbour/out' };
  const targets: readonly [Target, string][] = [['interactions', 'interactions'], ['gemini', 'generateContent'], ['gemini', 'batches'], ['imagen', 'Imagen']]; // prettier-ignore
  const cases = targets.flatMap(([target, name]) =>
    Object.entries(values).map(([option, value]) => ({ target, name, option, value })),
  );
  it.each(cases)(
    '#13 an accepted option that never reaches the wire: $option of $name',
    ({ target, name, option, value }) => {
      const way = ways.find((candidate) => candidate.name === name);
      const start = (): ReturnType<typeof startWith> => startWith([], { way, config: { [option]: value } });
      if (!configRules[option as keyof typeof values][target].honoured) {
        const named = expect.objectContaining({ parameter: `config.${option}` }) as object;
        expect(start).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_PARAMETER', parameters: [named] }) as Error);
        return;
      }
      const { clock, emulator } = start();
      return clock.settle().then(() => {
        const [request] = emulator.meter.requestsTo(way?.create ?? 'unknown');
        expect(JSON.stringify(request?.body)).toContain(onWire[option] ?? JSON.stringify(value));
      });
    },
  );
});

it('#14 a throw in a timer is an uncaughtException: timers only settle promises', async () => {
  const thrown: unknown[] = [];
  const clock = createVirtualClock();
  const guarded = {
    now: () => clock.now(),
    clearTimeout: (timer: unknown) => clock.clearTimeout(timer as never),
    setTimeout: (callback: () => void, delayMs: number) =>
      clock.setTimeout(() => {
        try {
          callback();
        } catch (error) {
          thrown.push(error);
        }
      }, delayMs),
  };
  const hanging: readonly Fault[] = [{ kind: 'hang', route: 'cancel' }, { kind: 'hang', route: 'get' }, { kind: 'hang', route: 'create', job: 1 }]; // prettier-ignore
  const { images } = setup({ emulator: { clock, faults: [...hanging, { kind: 'silent', route: 'stream' }, endless] }, client: { clock: guarded } }); // prettier-ignore
  const operations = [{ timeoutMs: 5_000 }, { limits: { submitMs: 5_000 } }, { limits: { watchMs: 5_000 } }].map((options) => images.start(lighthouse, options)); // prettier-ignore
  for (const operation of operations) operation.on('warning', () => undefined);
  for (const operation of operations) await rejection(clock, operation.result());
  expect(thrown).toEqual([]);
});
