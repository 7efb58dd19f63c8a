import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';

/** All that the library throws and rejects with, and is not a mistake in the call. */
type OwnError =
  | library.BackgroundUnsupportedError
  | library.ClientClosedError
  | library.JournalError
  | library.ModelShutDownError
  | library.NotCancelableError
  | library.OperationCancelledError
  | library.OperationFailedError
  | library.OperationTakenOverError
  | library.StorageMissingError
  | library.SubmitRejectedError
  | library.SubmitUnknownError
  | library.WatchLostError;

test('all are one kind of error, with the jobs that they are about', () => {
  expectTypeOf<OwnError>().toExtend<library.GenaiCancelError>();
  expectTypeOf<library.GenaiCancelError>().toExtend<Error>();
  expectTypeOf<library.GenaiCancelError['jobs']>().toEqualTypeOf<readonly library.JobReference[]>();
  expectTypeOf<library.GenaiCancelError['toJSON']>().returns.toEqualTypeOf<Record<string, unknown>>();
});

test('the code tells them apart', () => {
  const error = {} as OwnError;
  switch (error.code) {
    case 'ABORT_ERR':
      return expectTypeOf(error).toEqualTypeOf<library.OperationCancelledError>();
    case 'ERR_BACKGROUND_UNSUPPORTED':
      return expectTypeOf(error.model).toEqualTypeOf<string>();
    case 'ERR_CLIENT_CLOSED':
      return expectTypeOf(error).toEqualTypeOf<library.ClientClosedError>();
    case 'ERR_JOURNAL':
      return expectTypeOf(error).toEqualTypeOf<library.JournalError>();
    case 'ERR_MODEL_SHUT_DOWN':
      return expectTypeOf(error.replacement).toEqualTypeOf<string>();
    case 'ERR_NOT_CANCELABLE':
      return expectTypeOf(error.model).toEqualTypeOf<string>();
    case 'ERR_OPERATION_FAILED':
      return expectTypeOf(error.status).toEqualTypeOf<string>();
    case 'ERR_TAKEN_OVER':
      return expectTypeOf(error).toEqualTypeOf<library.OperationTakenOverError>();
    case 'ERR_STORAGE_MISSING':
      return expectTypeOf(error.results).toEqualTypeOf<string>();
    case 'ERR_SUBMIT_REJECTED':
      return expectTypeOf(error.status).toEqualTypeOf<number | undefined>();
    case 'ERR_SUBMIT_UNKNOWN':
      return expectTypeOf(error).toEqualTypeOf<library.SubmitUnknownError>();
    case 'ERR_WATCH_LOST':
      return expectTypeOf(error).toEqualTypeOf<library.WatchLostError>();
    default:
      return expectTypeOf(error).toBeNever();
  }
});

test('and so does the name', () => {
  const error = {} as OwnError;
  if (error.name === 'AbortError') expectTypeOf(error.report).toEqualTypeOf<library.CancelReport>();
  if (error.name === 'WatchLostError') expectTypeOf(error).toEqualTypeOf<library.WatchLostError>();
  // @ts-expect-error no error has this name
  if (error.name === 'CancelError') expectTypeOf(error);
  // @ts-expect-error only what was stopped has a report
  expectTypeOf(error.report);
});

test('instanceof tells what something unknown is', () => {
  const of = (
    classes: { Cancelled: typeof library.OperationCancelledError; Remote: typeof library.RemoteError },
    error: unknown,
  ): void => {
    if (error instanceof classes.Cancelled) expectTypeOf(error).toEqualTypeOf<library.OperationCancelledError>();
    if (error instanceof classes.Remote) expectTypeOf(error).toEqualTypeOf<library.RemoteError>();
  };
  expectTypeOf(of).returns.toBeVoid();
});

test('a parameter that cannot be honoured is a mistake in the call', () => {
  expectTypeOf<library.UnsupportedParameterError>().toExtend<TypeError>();
  expectTypeOf<library.UnsupportedParameterError['code']>().toEqualTypeOf<'ERR_UNSUPPORTED_PARAMETER'>();
  expectTypeOf<library.UnsupportedParameterError['instead']>().toEqualTypeOf<string>();
});

test('the base is for instanceof only', () => {
  // @ts-expect-error it is abstract
  expectTypeOf<typeof library.GenaiCancelError>().toExtend<new (message: string) => library.GenaiCancelError>();
});
