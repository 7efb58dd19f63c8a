import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';

test('the options of a probe may all be left out', () => {
  expectTypeOf<Record<string, never>>().toExtend<library.ProbeOptions>();
  expectTypeOf<Required<library.ProbeOptions>['onProgress']>().toEqualTypeOf<
    ((answer: library.ProbeAnswer) => void) | undefined
  >();
});

test('where nothing was answered there is no HTTP status', () => {
  expectTypeOf<library.ProbeHttp['httpStatus']>().toEqualTypeOf<number | null>();
  expectTypeOf<library.ProbeReport['cancel']>().toEqualTypeOf<library.ProbeHttp | null>();
});

test('every question has its name, and no other', () => {
  expectTypeOf<library.ProbeReport['settles']>().toEqualTypeOf<readonly library.ProbeQuestion[]>();
  expectTypeOf<library.ProbeQuestion>().toEqualTypeOf<
    | 'background'
    | 'read-while-running'
    | 'stream-while-running'
    | 'cancel-while-running'
    | 'cancel-again'
    | 'final-status'
    | 'usage-after-cancel'
    | 'id-in-first-event'
    | 'fetch-after-hangup'
  >();
});
