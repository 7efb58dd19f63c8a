import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';

declare const operation: library.Operation;

/** Only compiled, never called. */
const compiled: (call: () => unknown) => void = Object;

test('a handle is disposable and no promise', () => {
  expectTypeOf<library.Operation>().toExtend<AsyncDisposable>();
  expectTypeOf<library.Operation>().not.toExtend<PromiseLike<unknown>>();
});

test('listeners get the payload of their event', () => {
  operation.on('image', (payload) => expectTypeOf(payload.image).toEqualTypeOf<library.Image>());
  operation.on('settled', (payload) => expectTypeOf(payload.report).toEqualTypeOf<library.CancelReport | undefined>());
  // @ts-expect-error no event is called error: without a listener it would crash the process
  operation.on('error', () => undefined);
});

test('iterated events are told apart by their type', async () => {
  for await (const event of operation.events()) {
    if (event.type === 'state') expectTypeOf(event.to).toEqualTypeOf<library.OperationState>();
    if (event.type === 'warning') expectTypeOf(event.code).toEqualTypeOf<library.WarningCode>();
    // @ts-expect-error only image events have an index
    if (event.type === 'state') expectTypeOf(event.index);
  }
});

test('every state and every warning has its name, and no other', () => {
  expectTypeOf(operation.state).toEqualTypeOf<library.OperationState>();
  expectTypeOf<library.OperationState>().toEqualTypeOf<
    'submitting' | 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'abandoned'
  >();
  expectTypeOf<library.WarningCode>().toEqualTypeOf<
    | 'not-cancelable'
    | 'waiting'
    | 'extra-image'
    | 'job-failed'
    | 'may-be-running'
    | 'late-job-cancelled'
    | 'unknown-status'
    | 'status-unreadable'
    | 'job-denied'
    | 'image-not-fetched'
    | 'image-not-handed-over'
    | 'journal-failed'
    | 'duplicate-job'
    | 'no-process-signals'
    | 'webhook-ignored'
  >();
});

test('a handle tells what the server has counted, and what is needed to attach to it', () => {
  expectTypeOf(operation.usage).toEqualTypeOf<library.Usage | undefined>();
  expectTypeOf<library.OperationEvents['settled']['usage']>().toEqualTypeOf<library.Usage | undefined>();
  expectTypeOf(operation.jobs).toEqualTypeOf<readonly library.JobSnapshot[]>();
  expectTypeOf(operation.toJSON()).toEqualTypeOf<library.OperationSnapshot>();
});

test('options are checked by the compiler', () => {
  const images = {} as library.CancelableImages;
  const parameters = { model: 'm', prompt: 'p' };
  compiled(() => images.start(parameters, { timeoutMs: 1_000, signals: ['SIGINT'] }));
  // @ts-expect-error seconds are not milliseconds
  compiled(() => images.start(parameters, { timeout: 1 }));
  // @ts-expect-error an unknown backend
  compiled(() => images.start(parameters, { backend: 'gpu' }));
  // @ts-expect-error a misspelt parameter
  compiled(() => images.start({ ...parameters, config: { numberOfImage: 4 } }));
});
