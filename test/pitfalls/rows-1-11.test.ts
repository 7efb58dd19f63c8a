import { expect, it } from 'vitest';
import { OperationCancelledError } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';
import { endless, noStream, startWith, ways } from './support.js';

it('#1 abort resolves with undefined: it rejects, with a typed error', async () => {
  const { clock, images } = setup();
  const controller = new AbortController();
  const result = images.generateImages({ ...lighthouse, config: { abortSignal: controller.signal } });
  result.catch(() => undefined);
  await clock.advance(1_000);
  controller.abort();
  expect(await rejection(clock, result)).toBeInstanceOf(OperationCancelledError);
});

it.each(ways)('#2 a signal aborted beforehand still starts a paid job: not by $name', async (way) => {
  for (const name of ['abortSignal', 'cancelSignal'] as const) {
    const signal = AbortSignal.abort();
    const { clock, emulator, operation } = startWith([], {
      way,
      ...(name === 'abortSignal' ? { config: { abortSignal: signal } } : { cancelSignal: signal }),
    });
    await rejection(clock, operation.result());
    await clock.advance(60_000);
    expect(emulator.meter.requests).toEqual([]);
  }
});

it.each(ways.filter(({ backend }) => backend !== 'models'))(
  '#3 abort during create leaves an orphan: not of $name',
  async (way) => {
    const { clock, emulator, operation } = startWith([{ kind: 'delay', route: way.create, ms: 1_000 }, endless], {
      way,
    });
    await clock.advance(500);
    void operation.cancel();
    const error = await rejection(clock, operation.result());
    expect(emulator.meter.requestsTo(way.create)[0]?.clientLeftAt).toBeUndefined();
    expect(error).toMatchObject({ report: { outcome: 'cancelled' } });
    expect(emulator.meter.running()).toEqual([]);
  },
);

it('#4 a stop before the id is known is lost, or sent with a null id: it is latched', async () => {
  const { clock, emulator, operation } = startWith([{ kind: 'delay', route: 'create', ms: 1_000 }]);
  await clock.advance(500);
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
  const [job] = emulator.meter.jobs;
  expect(emulator.meter.requestsTo('cancel').map(({ path }) => path)).toEqual([
    expect.stringContaining(`/${job?.name ?? 'none'}/cancel`),
  ]);
});

it.each([400, 401, 403, 404, 409, 500])('#5 any error from cancel counts as cancelled: %i does not', async (status) => {
  const { clock, emulator, operation } = startWith([{ kind: 'status', route: 'cancel', status }, endless]);
  await clock.advance(1_000);
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'unconfirmed' });
  expect(emulator.meter.running()).toHaveLength(1);
  expect(operation.state).toBe('abandoned');
});

it('#6 a successful cancel looks like an error: 499 is delivered, and then confirmed', async () => {
  const { clock, emulator, operation } = startWith([{ kind: 'cancel-499', route: 'cancel' }, noStream]);
  await clock.advance(1_000);
  const report = await resolution(clock, operation.cancel());
  expect(emulator.meter.requestsTo('cancel').map(({ status }) => status)).toEqual([499]);
  expect(report.jobs[0]).toMatchObject({ cancelRequests: 1, acknowledgedAt: report.requestedAt });
  expect(report.jobs[0]?.confirmedAt).toBeTypeOf('number');
  expect(emulator.meter.requests.at(-1)).toMatchObject({ route: 'get', status: 200 });
});

it.each([['a string'], [null], [0], [new TypeError('x')], [{ name: 'Custom' }]])(
  '#7 cancel skipped when abort(reason) is not an AbortError: not for %o',
  async (reason) => {
    const controller = new AbortController();
    const { clock, emulator, operation } = startWith([], { cancelSignal: controller.signal });
    await clock.advance(1_000);
    controller.abort(reason);
    expect(await rejection(clock, operation.result())).toMatchObject({ name: 'AbortError', cause: reason });
    expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
  },
);

it('#8 cancel sent twice: five triggers are one request', async () => {
  const controller = new AbortController();
  const { clock, emulator, images, operation } = startWith([], { cancelSignal: controller.signal });
  await clock.advance(1_000);
  const first = operation.cancel();
  controller.abort();
  const others = [operation.cancel(), ...(await resolution(clock, images.cancelAll()))];
  await operation[Symbol.asyncDispose]();
  for (const other of others) expect(await other).toBe(await first);
  expect(emulator.meter.requestsTo('cancel')).toHaveLength(1);
});

it('#9 cancel without a deadline, and the caller never settles: there is a budget', async () => {
  const hang: readonly Fault[] = [
    { kind: 'hang', route: 'cancel', when: 'before' },
    { kind: 'hang', route: 'get' },
    { kind: 'silent', route: 'stream' },
  ];
  const { clock, operation } = startWith([...hang, endless], { cancelTimeoutMs: 3_000 });
  await clock.advance(5_000);
  const report = await resolution(clock, operation.cancel());
  expect(report.outcome).toBe('unconfirmed');
  expect(report.settledAt - report.requestedAt).toBe(3_000);
});

it('#11 a timeout leaves the job running: it is a cancel', async () => {
  const { clock, emulator, operation } = startWith([endless], { timeoutMs: 1_000 });
  expect(await rejection(clock, operation.result())).toMatchObject({ cause: { name: 'TimeoutError' } });
  expect(emulator.meter.jobs).toMatchObject([{ endReason: 'cancelled' }]);
});
