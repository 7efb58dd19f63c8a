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

test('wrong options are refused', () => {
  // @ts-expect-error no such way
  compiled(() => images.start(parameters, { onCompletedAnyway: 'ignore' }));
  // @ts-expect-error SIGKILL cannot be caught
  compiled(() => images.start(parameters, { signals: ['SIGKILL'] }));
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
  expectTypeOf<library.ModelCapabilities['cancelable']>().toEqualTypeOf<boolean | 'unknown'>();
});
