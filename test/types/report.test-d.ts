import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';

test('every outcome has its name, and no other', () => {
  expectTypeOf<library.CancelReport['outcome']>().toEqualTypeOf<library.CancelOutcome>();
  expectTypeOf<library.CancelOutcome>().toEqualTypeOf<
    | 'not-started'
    | 'cancelled'
    | 'partially-cancelled'
    | 'completed-anyway'
    | 'failed-anyway'
    | 'not-cancelable'
    | 'unconfirmed'
  >();
});

test('every trigger has its name, process signals their own', () => {
  expectTypeOf<library.CancelReport['trigger']>().toEqualTypeOf<library.CancelTrigger>();
  expectTypeOf<Exclude<library.CancelTrigger, library.ProcessSignal>>().toEqualTypeOf<
    'cancel' | 'signal' | 'timeout' | 'dispose'
  >();
  expectTypeOf<'SIGINT' | 'SIGUSR2'>().toExtend<library.ProcessSignal>();
  expectTypeOf<'INT'>().not.toExtend<library.ProcessSignal>();
});

test('a reason may be anything: it has to be looked into', () => {
  expectTypeOf<library.CancelReport['reason']>().toBeUnknown();
});

test('what may still run has no name where it was never received, and always a way to stop it', () => {
  expectTypeOf<library.CancelReport['leftovers']>().toEqualTypeOf<readonly library.Leftover[]>();
  expectTypeOf<library.Leftover['name']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<library.Leftover['howToCancel']>().toEqualTypeOf<string>();
});

test('images are counted by what became of them', () => {
  expectTypeOf<library.CancelReport['counts']>().toEqualTypeOf<library.ImageCounts>();
  expectTypeOf<library.ImageCounts>().toEqualTypeOf<
    Readonly<Record<'made' | 'cancelled' | 'failed' | 'running' | 'notSent', number>>
  >();
});

test('jobs say what was asked and what was answered', () => {
  expectTypeOf<library.CancelReport['jobs']>().toEqualTypeOf<readonly library.CancelledJob[]>();
  expectTypeOf<library.CancelledJob>().toExtend<library.JobReference>();
  expectTypeOf<library.CancelledJob['confirmedAt']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<library.JobSnapshot>().toExtend<library.JobReference>();
  expectTypeOf<library.JobReference['state']>().toEqualTypeOf<library.JobState>();
  expectTypeOf<library.JobReference['backend']>().toEqualTypeOf<library.BackendName>();
  expectTypeOf<library.BackendName>().toEqualTypeOf<'interactions' | 'batches' | 'models'>();
});

test('nothing is ever called free', () => {
  expectTypeOf<library.CancelReport['billing']>().toEqualTypeOf<library.Billing>();
  expectTypeOf<library.Billing['expectation']>().toEqualTypeOf<'none' | 'completed-only' | 'full' | 'unknown'>();
  expectTypeOf<library.Billing['usage']>().toEqualTypeOf<library.Usage | undefined>();
  expectTypeOf<Required<library.Usage>[keyof library.Usage]>().toEqualTypeOf<number>();
});

test('what was finished is a response as any other', () => {
  expectTypeOf<library.CancelReport['response']>().toEqualTypeOf<library.GenerateImagesResponse | undefined>();
  expectTypeOf<library.GenerateImagesResponse['generatedImages']>().toEqualTypeOf<library.GeneratedImage[]>();
  expectTypeOf<library.GeneratedImage['image']>().toEqualTypeOf<library.Image | undefined>();
});

test('a report is not to be written to', () => {
  expectTypeOf<library.CancelReport>().toEqualTypeOf<Readonly<library.CancelReport>>();
  expectTypeOf<library.CancelReport['jobs']>().not.toExtend<unknown[]>();
});
