import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { rejection, resolution } from '../support/setup.js';
import { startWith, ways } from './support.js';

const busy = (fields: object): Fault => ({ kind: 'status', status: 429, ...fields });

it.each(ways.slice(0, 3))('#55 a limited rate is given up or tried at once: $name waits as told', async (way) => {
  for (const gateway of [false, true]) {
    const fault = { ...busy({ retryDelayMs: 34_000, gateway, times: 1 }), route: way.create } as Fault;
    const { clock, emulator, operation } = startWith([fault], { way });
    const warnings: [string, string][] = [];
    operation.on('warning', ({ code, message }) => warnings.push([code, message]));
    await resolution(clock, operation.result());
    const [first = 0, second = 0] = emulator.meter.requestsTo(way.create).map(({ at }) => at);
    expect(second - first).toBe(34_000);
    expect(warnings).toContainEqual(['waiting', expect.stringContaining('waits 34 s') as string]);
  }
});

it.each(['interactions', 'models'] as const)('#55 a limited rate: the siblings wait too, by %s', async (backend) => {
  const route = backend === 'models' ? 'generateContent' : 'create';
  const way = ways.find(({ create }) => create === route);
  const limited = { ...busy({ retryDelayMs: 34_000, times: 8 }), route } as Fault;
  const { clock, emulator, operation } = startWith([limited], { way, images: 12, maxConcurrency: 8 });
  const startedAt = clock.now();
  expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(12);
  const creates = emulator.meter.requestsTo(route).map(({ at }) => at - startedAt);
  expect(creates).toHaveLength(20);
  expect(creates.filter((at) => at < 34_000)).toHaveLength(8);
});

it('#55 a limited rate: one refusal slows down what was not sent yet', async () => {
  const limited: Fault = { kind: 'status', status: 429, route: 'create', retryDelayMs: 20_000, skip: 1, times: 1 };
  const { clock, emulator, operation } = startWith([limited], { images: 6, maxConcurrency: 2 });
  const startedAt = clock.now();
  await resolution(clock, operation.result());
  const creates = emulator.meter.requestsTo('create').map(({ at }) => at - startedAt);
  expect(creates).toHaveLength(7);
  expect(creates.filter((at) => at < 20_000)).toHaveLength(2);
});

it.each(ways.slice(0, 3))('#55 a limited rate: $name fails at once where the time does not fit', async (way) => {
  for (const limits of [{ timeoutMs: 30_000 }, { limits: { submitMs: 30_000 } }]) {
    const fault = { ...busy({ retryDelayMs: 34_000 }), route: way.create } as Fault;
    const { clock, emulator, operation } = startWith([fault], { way, ...limits });
    const startedAt = clock.now();
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ name: 'NotStartedError', code: 'REJECTED', cause: { status: 429 } });
    expect((error as Error).message).toContain('asks to wait 34 s');
    expect(clock.now()).toBe(startedAt);
    expect(emulator.meter.requestsTo(way.create)).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  }
});

it.each([
  ['interactions', { code: 'quota_exceeded' }],
  ['batches', { quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }],
  ['generateContent', { quotaId: 'GenerateRequestsPerDayPerProjectPerModel', retryDelayMs: 1_000 }],
])('#55 a quota of the day that is used up is not tried again by %s', async (name, fields) => {
  const way = ways.find((one) => one.name === name);
  const fault = { ...busy(fields), route: way?.create } as Fault;
  const { clock, emulator, operation } = startWith([fault], { way });
  const error = await rejection(clock, operation.result());
  expect(error).toMatchObject({ code: 'REJECTED', cause: { status: 429 } });
  expect((error as Error).message).toMatch(/quota of the day is used up/);
  expect(emulator.meter.requests).toHaveLength(1);
});
