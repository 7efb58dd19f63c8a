import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';

declare const images: library.CancelableImages;
declare const client: library.GenAIClient;
declare const parameters: library.GenerateImagesParameters;

/** Only compiled, never called. */
const compiled: (call: () => unknown) => void = Object;

test('cancelable() takes a client and defaults', () => {
  expectTypeOf<typeof library.cancelable>().toEqualTypeOf<library.Cancelable>();
  expectTypeOf<library.Cancelable>().parameters.toEqualTypeOf<[library.GenAIClient, library.CancelableOptions?]>();
  expectTypeOf<library.Cancelable>().returns.toEqualTypeOf<library.CancelableImages>();
  const cancelable = (() => images) as library.Cancelable;
  compiled(() => cancelable(client, { clock: {} as library.Clock, timeoutMs: undefined }));
  // @ts-expect-error one of its modules is not the client
  compiled(() => cancelable(client.models));
  // @ts-expect-error a clock has to have timers
  compiled(() => cancelable(client, { clock: { now: Date.now } }));
});

test('defaults are the options of an operation, and a clock', () => {
  expectTypeOf<Omit<library.CancelableOptions, 'clock'>>().toEqualTypeOf<library.OperationOptions>();
  expectTypeOf<library.ClockTimer>().toEqualTypeOf<ReturnType<library.Clock['setTimeout']>>();
});

test('all options may be left out, or be undefined', () => {
  type AllUndefined = { [Name in keyof library.OperationOptions]?: undefined };
  expectTypeOf<AllUndefined>().toExtend<library.OperationOptions>();
});

test('limits are numbers, and may be left out one by one', () => {
  expectTypeOf<library.OperationOptions['limits']>().toEqualTypeOf<library.Limits | undefined>();
  expectTypeOf<library.OperationOptions['logger']>().toEqualTypeOf<library.Logger | undefined>();
  expectTypeOf(console).toExtend<library.Logger>();
  expectTypeOf<keyof library.Limits>().toEqualTypeOf<
    'submitMs' | 'watchMs' | 'pollMs' | 'salvageMs' | 'shutdownMs' | 'exitMs'
  >();
  expectTypeOf<Required<library.Limits>[keyof library.Limits]>().toEqualTypeOf<number | undefined>();
  compiled(() => images.start(parameters, { limits: { exitMs: 0 } }));
  // @ts-expect-error a misspelt limit
  compiled(() => images.start(parameters, { limits: { submitTimeoutMs: 1 } }));
});

test('signals are a list of names, or none', () => {
  expectTypeOf<library.OperationOptions['signals']>().toEqualTypeOf<
    false | readonly library.ProcessSignal[] | undefined
  >();
  compiled(() => images.start(parameters, { signals: ['SIGINT', 'SIGUSR2'] }));
  compiled(() => images.start(parameters, { signals: false }));
  // @ts-expect-error no name of a signal
  compiled(() => images.start(parameters, { signals: ['INT'] }));
  // @ts-expect-error the default is to leave it out
  compiled(() => images.start(parameters, { signals: true }));
});

test('wrong options are refused', () => {
  // @ts-expect-error no such option
  compiled(() => images.start(parameters, { fallback: 'error' }));
  // @ts-expect-error a name is no journal
  compiled(() => images.start(parameters, { journal: 'file' }));
  // @ts-expect-error a clock is for the client
  compiled(() => images.start(parameters, { clock: {} as library.Clock }));
  // @ts-expect-error a controller is no signal
  compiled(() => images.start(parameters, { cancelSignal: new AbortController() }));
  // @ts-expect-error a model is needed
  compiled(() => images.start({ prompt: 'a lighthouse' }));
  // @ts-expect-error a seed is a number
  compiled(() => images.start({ ...parameters, config: { seed: '1' } }));
});

test('one image, a handle, or a report', () => {
  expectTypeOf(images.generateImages).returns.resolves.toEqualTypeOf<library.GenerateImagesResponse>();
  expectTypeOf(images.start).returns.toEqualTypeOf<library.Operation>();
  expectTypeOf(images.cancel).returns.resolves.toEqualTypeOf<library.CancelReport>();
  expectTypeOf(images.cancelAll).returns.resolves.toEqualTypeOf<library.CancelReport[]>();
  expectTypeOf(images.operations).toEqualTypeOf<readonly library.Operation[]>();
  expectTypeOf<library.GenerateImagesParameters['config']>().toEqualTypeOf<library.GenerateImagesConfig | undefined>();
});

test('models, ratios and sizes are offered, and others are accepted', () => {
  expectTypeOf<library.GenerateImagesParameters['model']>().toEqualTypeOf<library.ImageModel>();
  expectTypeOf<library.GenerateImagesConfig['aspectRatio']>().toEqualTypeOf<library.AspectRatio | undefined>();
  expectTypeOf<library.GenerateImagesConfig['imageSize']>().toEqualTypeOf<library.ImageSize | undefined>();
  expectTypeOf<string>().toExtend<library.ImageModel & library.AspectRatio & library.ImageSize>();
  // A plain `string` would offer nothing.
  expectTypeOf<library.ImageModel>().not.toEqualTypeOf<string>();
  expectTypeOf<'gemini-3-pro-image'>().toExtend<library.ImageModel>();
});

test('a warm fetch is a fetch', () => {
  expectTypeOf<typeof library.warmFetch>().parameters.toEqualTypeOf<[]>();
  expectTypeOf<typeof library.warmFetch>().returns.toEqualTypeOf<typeof fetch>();
});

test('an image is saved at a path', () => {
  expectTypeOf<typeof library.saveImage>().parameters.toEqualTypeOf<[library.Image, string]>();
  expectTypeOf<typeof library.saveImage>().returns.resolves.toEqualTypeOf<string>();
  type OnImage = NonNullable<library.OperationOptions['onImage']>;
  expectTypeOf<(image: library.Image) => Promise<string>>().toExtend<OnImage>();
  // The promise of a path is no promise of nothing.
  expectTypeOf<Promise<string>>().not.toExtend<void | Promise<void>>();
});

test('a client is disposable, and its functions can be taken off it', async () => {
  expectTypeOf<library.CancelableImages>().toExtend<AsyncDisposable>();
  expectTypeOf(images.close).returns.resolves.toBeVoid();
  await using client = images;
  const { generateImages, forget } = client;
  expectTypeOf(generateImages).returns.resolves.toEqualTypeOf<library.GenerateImagesResponse>();
  expectTypeOf(forget).toEqualTypeOf<(id: string) => Promise<boolean>>();
});

test('a job that is known by its name only is cancelled without options', () => {
  expectTypeOf(images.cancel).parameters.toEqualTypeOf<[name: string]>();
});

test('waiting has a signal of its own, which is not the one that stops', () => {
  expectTypeOf<Parameters<library.Operation['result']>>().toEqualTypeOf<[options?: library.WaitOptions]>();
  expectTypeOf<keyof library.WaitOptions>().toEqualTypeOf<'signal'>();
});

test('events by name, and as one union', () => {
  expectTypeOf<library.OperationEvent['type']>().toEqualTypeOf<keyof library.OperationEvents>();
  expectTypeOf<library.OperationEvents['cancelling']['trigger']>().toEqualTypeOf<library.CancelTrigger>();
  const tell = (event: library.OperationEvent): unknown => {
    switch (event.type) {
      case 'submitted':
        return expectTypeOf(event.jobs).toEqualTypeOf<readonly library.JobSnapshot[]>();
      case 'state':
        return expectTypeOf(event.from).toEqualTypeOf<library.OperationState>();
      case 'progress':
        return expectTypeOf(event.elapsedMs).toEqualTypeOf<number>();
      case 'image':
        return expectTypeOf(event.image).toEqualTypeOf<library.Image>();
      case 'cancelling':
        return expectTypeOf(event.reason).toBeUnknown();
      case 'warning':
        return expectTypeOf(event.code).toEqualTypeOf<library.WarningCode>();
      case 'settled':
        return expectTypeOf(event.error).toEqualTypeOf<Error | undefined>();
      default:
        return expectTypeOf(event).toBeNever();
    }
  };
  expectTypeOf(tell).toBeFunction();
});

test('a batch takes requests, or on Vertex an address and a destination', () => {
  expectTypeOf(images.startBatch).toEqualTypeOf<library.StartBatch>();
  const requests: library.BatchRequest[] = [{ prompt: 'a lighthouse', config: { aspectRatio: '3:4' } }];
  const options: library.BatchOptions = { model: 'm', timeoutMs: 1 };
  const onVertex: library.VertexBatchOptions = {
    ...options,
    destination: 'gs://b/out',
    storage: {} as library.CloudStorage,
  };
  compiled(() => images.startBatch(requests, options));
  compiled(() => images.startBatch('gs://b/in.jsonl', onVertex));
  expectTypeOf<library.CloudStorage['bucket']>().returns.toEqualTypeOf<library.CloudStorageBucket>();
  // @ts-expect-error a destination is needed
  compiled(() => images.startBatch('gs://b/in.jsonl', options));
  // @ts-expect-error a batch has one backend
  compiled(() => images.startBatch(requests, { ...options, backend: 'models' }));
  // @ts-expect-error one image a request
  compiled(() => images.startBatch([{ prompt: 'p', config: { numberOfImages: 2 } }], options));
});

test('what is known of a model may be nothing', () => {
  expectTypeOf(images.capabilities).returns.toEqualTypeOf<library.ModelCapabilities>();
  expectTypeOf<library.ModelCapabilities['cancelable']>().toEqualTypeOf<'yes' | 'no' | 'unknown'>();
  expectTypeOf<library.ModelCapabilities['known']>().toEqualTypeOf<'documented' | 'observed' | 'unknown'>();
  expectTypeOf<library.ModelCapabilities['observedAt']>().toEqualTypeOf<number | undefined>();
});
