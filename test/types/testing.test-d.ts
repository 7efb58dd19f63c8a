import { http, type HttpHandler } from 'msw';
import { expectTypeOf, test } from 'vitest';
import type * as library from '../../src/index.js';
import type * as testing from '../../src/testing/index.js';

declare const emulator: testing.Emulator;

/** Only compiled, never called. */
const compiled: (call: () => unknown) => void = Object;

test('the emulator is made, spoken to, and looked at', () => {
  expectTypeOf<typeof testing.createEmulator>().toEqualTypeOf<
    (options?: testing.EmulatorOptions) => testing.Emulator
  >();
  expectTypeOf(emulator.fetch).toEqualTypeOf<typeof fetch>();
  expectTypeOf<testing.Emulator['listen']>().parameters.toEqualTypeOf<[testing.ListenOptions?]>();
  expectTypeOf<testing.Emulator['listen']>().returns.resolves.toEqualTypeOf<testing.EmulatorServer>();
  expectTypeOf<testing.EmulatorServer>().toExtend<AsyncDisposable>();
  expectTypeOf(emulator.bucket).toEqualTypeOf<testing.Bucket>();
  expectTypeOf<testing.Emulator['waitFor']>().returns.resolves.toEqualTypeOf<testing.Meter>();
});

test('the meter tells what reached the server, and what became of it', () => {
  expectTypeOf(emulator.meter).toEqualTypeOf<testing.Meter>();
  expectTypeOf<testing.Meter['jobs']>().toEqualTypeOf<readonly testing.JobRecord[]>();
  expectTypeOf<testing.Meter['requests']>().toEqualTypeOf<readonly testing.RequestRecord[]>();
  expectTypeOf<testing.Meter['faults']>().toEqualTypeOf<readonly testing.FaultRecord[]>();
  expectTypeOf<testing.JobRecord['kind']>().toEqualTypeOf<testing.JobKind>();
  expectTypeOf<testing.JobRecord['endReason']>().toEqualTypeOf<testing.EndReason | undefined>();
  expectTypeOf<testing.JobRecord['items']>().toEqualTypeOf<testing.ItemCounts | undefined>();
  expectTypeOf<testing.RequestRecord['route']>().toEqualTypeOf<testing.Route>();
  // @ts-expect-error no such route
  compiled(() => emulator.meter.requestsTo('cancels'));
});

test('faults are told apart by their kind', () => {
  type Kinds = testing.AnswerFault | testing.DelayFault | testing.BodyFault | testing.RouteFault | testing.OutcomeFault;
  expectTypeOf<testing.Fault['kind']>().toEqualTypeOf<Kinds['kind']>();
  expectTypeOf<testing.Fault>().toExtend<testing.FaultScope>();
  expectTypeOf<testing.FaultOf<'delay'>['ms']>().toEqualTypeOf<number>();
  expectTypeOf<testing.FaultOf<'reset'>['when']>().toEqualTypeOf<testing.When | undefined>();
  const fault = {} as testing.Fault;
  if (fault.kind === 'status') expectTypeOf(fault.status).toEqualTypeOf<number>();
  if (fault.kind === 'cut') expectTypeOf(fault.how).toEqualTypeOf<'end' | 'reset' | 'error' | 'garbage'>();
  compiled(() => emulator.addFault({ kind: 'hang', route: '*', times: 2 }));
  // @ts-expect-error a delay has a length
  compiled(() => emulator.addFault({ kind: 'delay' }));
  // @ts-expect-error no such route
  compiled(() => emulator.addFault({ kind: 'hang', route: 'everything' }));
});

test('its clock is one for the library, too', () => {
  expectTypeOf<typeof testing.createVirtualClock>().returns.toEqualTypeOf<testing.VirtualClock>();
  expectTypeOf<testing.VirtualClock>().toExtend<library.Clock>();
  expectTypeOf<testing.Clock>().toEqualTypeOf<library.Clock>();
  expectTypeOf<testing.ClockTimer>().toEqualTypeOf<library.ClockTimer>();
});

test('handlers are those of the msw they are made with', () => {
  const make = (mswHandlers: typeof testing.mswHandlers) => mswHandlers(emulator, http);
  expectTypeOf(make).returns.toEqualTypeOf<HttpHandler[]>();
  expectTypeOf<typeof http>().toExtend<testing.MswHttp<HttpHandler>>();
});

test('checks for a store of your own', () => {
  expectTypeOf<typeof testing.journalChecks>().returns.toEqualTypeOf<readonly testing.JournalCheck[]>();
  expectTypeOf<testing.JournalCheck['run']>().parameters.toEqualTypeOf<[testing.JournalStore]>();
  expectTypeOf<testing.JournalStore['open']>().returns.resolves.toEqualTypeOf<library.Journal>();
  expectTypeOf<testing.Journal>().toEqualTypeOf<library.Journal>();
  expectTypeOf<testing.JournalClaim>().toEqualTypeOf<library.JournalClaim>();
  expectTypeOf<testing.JournalEntry>().toEqualTypeOf<library.JournalEntry>();
  expectTypeOf<testing.JournalListing>().toEqualTypeOf<library.JournalListing>();
  expectTypeOf<testing.UnreadableEntry>().toEqualTypeOf<library.UnreadableEntry>();
});

test('the settings of the worlds, and the fault that answers with a status', () => {
  expectTypeOf<testing.Access>().toEqualTypeOf<'allowed' | 'forbidden' | 'not-found'>();
  expectTypeOf<testing.StatusFault['kind']>().toEqualTypeOf<'status'>();
  expectTypeOf<testing.Refusal>().not.toBeAny();
});
