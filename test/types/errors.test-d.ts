import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';

/** All that the library throws and rejects with, and is not a mistake in the call. */
type OwnError =
  | library.MayBeRunningError
  | library.NotStartedError
  | library.OperationCancelledError
  | library.OperationFailedError
  | library.UnsupportedParameterError;

test('all are one kind of error, with the jobs that they are about', () => {
  expectTypeOf<OwnError>().toExtend<library.GenaiCancelError>();
  expectTypeOf<library.GenaiCancelError>().toExtend<Error>();
  expectTypeOf<library.GenaiCancelError['jobs']>().toEqualTypeOf<readonly library.JobReference[]>();
  expectTypeOf<library.GenaiCancelError['toJSON']>().returns.toEqualTypeOf<Record<string, unknown>>();
});

test('the name tells them apart', () => {
  const error = {} as OwnError;
  switch (error.name) {
    case 'AbortError':
      expectTypeOf(error.report).toEqualTypeOf<library.CancelReport>();
      return expectTypeOf(error).toEqualTypeOf<library.OperationCancelledError>();
    case 'NotStartedError':
      expectTypeOf(error.code).toEqualTypeOf<library.NotStartedCode>();
      return expectTypeOf(error).toEqualTypeOf<library.NotStartedError>();
    case 'MayBeRunningError':
      expectTypeOf(error.code).toEqualTypeOf<library.MayBeRunningCode>();
      return expectTypeOf(error).toEqualTypeOf<library.MayBeRunningError>();
    case 'OperationFailedError':
      expectTypeOf(error.code).toEqualTypeOf<library.OperationFailedCode>();
      return expectTypeOf(error).toEqualTypeOf<library.OperationFailedError>();
    case 'UnsupportedParameterError':
      expectTypeOf(error.parameters).toEqualTypeOf<readonly library.UnsupportedParameter[]>();
      return expectTypeOf(error).toEqualTypeOf<library.UnsupportedParameterError>();
    default:
      return expectTypeOf(error).toBeNever();
  }
});

test('and the code says what to do', () => {
  const error = {} as OwnError;
  if (error.code === 'ABORT_ERR') expectTypeOf(error).toEqualTypeOf<library.OperationCancelledError>();
  if (error.code === 'UNSUPPORTED_PARAMETER') expectTypeOf(error).toEqualTypeOf<library.UnsupportedParameterError>();
  // @ts-expect-error no error has this name
  if (error.name === 'CancelError') expectTypeOf(error);
  // @ts-expect-error only what was cancelled has a report
  expectTypeOf(error.report);
  expectTypeOf<library.NotStartedCode>().toEqualTypeOf<
    'NOT_SENT' | 'REJECTED' | 'NOT_CANCELABLE' | 'MODEL_RETIRED' | 'JOURNAL_FAILED' | 'CLIENT_CLOSED'
  >();
  expectTypeOf<library.MayBeRunningCode>().toEqualTypeOf<'RESPONSE_LOST' | 'WATCH_LOST' | 'TAKEN_OVER'>();
  expectTypeOf<library.OperationFailedCode>().toEqualTypeOf<'FAILED' | 'RESULT_UNREADABLE'>();
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

test('the answer of a server is the cause', () => {
  expectTypeOf<library.RemoteError>().toExtend<Error>();
  expectTypeOf<library.RemoteError['status']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<library.RemoteError['code']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<library.GenaiCancelError['cause']>().toBeUnknown();
});

test('a parameter that cannot be honoured comes with what to use instead', () => {
  expectTypeOf<library.UnsupportedParameter>().toEqualTypeOf<
    Readonly<Record<'parameter' | 'why' | 'instead', string>>
  >();
});

test('the base is for instanceof only', () => {
  // @ts-expect-error it is abstract
  expectTypeOf<typeof library.GenaiCancelError>().toExtend<new (message: string) => library.GenaiCancelError>();
});
