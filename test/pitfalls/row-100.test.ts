import { expect, it } from 'vitest';
import { rejection, resolution } from '../support/setup.js';
import { startWith, ways } from './support.js';

it.each(ways)("#100 a proxy's 503 counts as Google's: $name does not send again", async (way) => {
  for (const status of [502, 503, 504] as const) {
    const lost = { kind: 'status', route: 'batch-list', status: 500 } as const;
    const { clock, emulator, operation } = startWith([{ kind: 'page', route: way.create, status }, lost], { way });
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ name: 'MayBeRunningError', code: 'RESPONSE_LOST', cause: { status } });
    expect(emulator.meter.requestsTo(way.create)).toHaveLength(1);
  }
});

it.each(ways)("#100 Google's own 503 is a refusal, and $name sends again", async (way) => {
  const busy = { kind: 'status', route: way.create, status: 503, times: 2 } as const;
  const { clock, emulator, operation } = startWith([busy], { way });
  expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
  expect(emulator.meter.requestsTo(way.create)).toHaveLength(3);
});

it.each(ways.slice(2))("#100 what Google's own 5xx says of $name is the end", async (way) => {
  for (const status of [500, 502, 504]) {
    const { clock, emulator, operation } = startWith([{ kind: 'status', route: way.create, status }], { way });
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'FAILED', cause: { status } });
    expect(emulator.meter.requestsTo(way.create)).toHaveLength(1);
  }
});

it.each(ways)('#100 $name does not know what a redirect, or an answer of a strange status, has done', async (way) => {
  for (const status of [302, 307, 408, 499, 505]) {
    const lost = { kind: 'status', route: 'batch-list', status: 500 } as const;
    const body = '<html>Somewhere else</html>';
    const fault = {
      kind: 'status',
      route: way.create,
      status,
      body,
      headers: { 'content-type': 'text/html' },
    } as const;
    const { clock, emulator, operation } = startWith([fault, lost], { way });
    expect(await rejection(clock, operation.result())).toMatchObject({ code: 'RESPONSE_LOST' });
    expect(emulator.meter.requestsTo(way.create)).toHaveLength(1);
  }
});
