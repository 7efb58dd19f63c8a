import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { lighthouse, rejection, resolution, setup } from '../support/setup.js';

const VERTEX_BATCH = 'projects/a-project/locations/global/batchPredictionJobs/1';
const CHECK = /^The server denies \S+ \(404\): check the name, the API key, the project and the base URL\.$/;
const denied: readonly Fault[] = (['get', 'stream', 'cancel'] as const).map((route) => ({
  kind: 'status',
  route,
  status: 404,
}));

it.each([
  ['interactions/nobody-knows-it', false],
  ['batches/nobody-knows-it', false],
  [VERTEX_BATCH, true],
])('#62 a name that the server does not know: the cancel of %s says so soon', async (name, vertex) => {
  const { clock, emulator, images } = setup({ vertex });
  const startedAt = clock.now();
  const report = await resolution(clock, images.cancel(name));
  expect(report).toMatchObject({ outcome: 'unconfirmed', counts: { running: 1 }, jobs: [{ name, state: 'unknown' }] });
  expect(report.jobs[0]?.error?.message).toMatch(CHECK);
  expect(report.leftovers).toEqual([{ name, howToCancel: expect.stringMatching(CHECK) as string }]);
  expect(clock.now() - startedAt).toBeLessThan(2_000);
  await clock.advance(600_000);
  expect(emulator.meter.requests.length).toBeLessThanOrEqual(8);
  expect(clock.pendingTimers).toBe(0);
});

it.each(['interactions/nobody-knows-it', 'batches/nobody-knows-it'])(
  '#62 a name that the server does not know: attach to %s warns once, reads on, and a cancel ends it',
  async (name) => {
    const { clock, emulator, images } = setup();
    const operation = images.attach(name, { limits: { pollMs: 1_000 } });
    const warnings: string[] = [];
    operation.on('warning', ({ code, message }) => warnings.push(`${code}: ${message}`));
    await clock.advance(300_000);
    expect(warnings).toEqual([expect.stringMatching(/^job-denied: The server denies .*\(404\): check the name/)]);
    expect(operation.state).not.toBe('abandoned');
    const requests = emulator.meter.requests.length;
    const startedAt = clock.now();
    expect(await resolution(clock, operation.cancel())).toMatchObject({
      outcome: 'unconfirmed',
      leftovers: [{ howToCancel: expect.stringMatching(CHECK) as string }],
    });
    expect(clock.now() - startedAt).toBeLessThan(2_000);
    expect(emulator.meter.requests.length - requests).toBeLessThanOrEqual(4);
  },
);

it('#62 a name that the server does not know: attach gives it up after limits.watchMs', async () => {
  const { clock, images } = setup();
  const startedAt = clock.now();
  const operation = images.attach('interactions/nobody-knows-it');
  operation.on('warning', () => undefined);
  expect(await rejection(clock, operation.result())).toMatchObject({ code: 'WATCH_LOST' });
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(600_000);
});

it('#62 a name from our own create survives 404s: the cancel is sent and the status read until it is over', async () => {
  const { clock, emulator, images } = setup({ emulator: { workMs: 60_000 } });
  const operation = images.start(lighthouse);
  await resolution(clock, operation.submitted());
  for (const fault of denied) emulator.addFault({ ...fault, forMs: 3_000 });
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
});

it('#62 a snapshot of our own create survives 404s, too', async () => {
  const { clock, emulator, images } = setup({ emulator: { workMs: 60_000 } });
  const operation = images.start(lighthouse);
  await resolution(clock, operation.submitted());
  for (const fault of denied) emulator.addFault({ ...fault, forMs: 3_000 });
  expect(await resolution(clock, images.attach(operation.toJSON()).cancel())).toMatchObject({ outcome: 'cancelled' });
});

it('#62 a given name whose status was read once is known: later 404s do not deny it', async () => {
  const { clock, emulator, images } = setup({ emulator: { workMs: 60_000 } });
  await resolution(clock, images.start(lighthouse).submitted());
  const operation = images.attach(emulator.meter.jobs[0]?.name ?? '');
  await clock.advance(1_000);
  for (const fault of denied) emulator.addFault({ ...fault, forMs: 3_000 });
  expect(await resolution(clock, operation.cancel())).toMatchObject({ outcome: 'cancelled' });
});

it.each([403, 500])('#62 a name whose cancel answers %i is not denied by the reads alone', async (status) => {
  const { clock, emulator, images } = setup({ emulator: { workMs: 60_000 } });
  await resolution(clock, images.start(lighthouse).submitted());
  for (const fault of denied)
    emulator.addFault({ ...fault, ...(fault.route === 'cancel' && { status }), forMs: 3_000 } as Fault);
  const report = await resolution(clock, images.cancel(emulator.meter.jobs[0]?.name ?? ''));
  expect(report).toMatchObject({ outcome: 'cancelled' });
});
