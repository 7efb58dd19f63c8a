import { expect, it } from 'vitest';
import { rejection } from '../support/setup.js';
import { startWith, ways } from './support.js';

const page = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`;

const answers = [
  { status: 400, body: '', code: 'REJECTED', text: '' },
  { status: 401, body: page('401 Authorization Required'), code: 'REJECTED', text: ': 401 Authorization Required' },
  { status: 403, body: 'Blocked by\n\tthe firewall\n', code: 'REJECTED', text: ': Blocked by the firewall' },
  { status: 413, body: page('413 Request Entity Too Large'), code: 'REJECTED', text: ': 413 Request Entity Too Large' },
  { status: 302, body: page('302 Found'), code: 'RESPONSE_LOST', text: ': 302 Found' },
  { status: 502, body: page('502 Bad Gateway'), code: 'RESPONSE_LOST', text: ': 502 Bad Gateway' },
  { status: 503, body: page('503 Unavailable'), code: 'RESPONSE_LOST', text: ': 503 Unavailable' },
  { status: 504, body: '', code: 'RESPONSE_LOST', text: '' },
];
const cases = ways
  .filter(({ backend }) => backend === 'models')
  .flatMap((way) => answers.map((answer) => ({ ...answer, way, name: way.name })));

it.each(cases)(
  '#65 errors of `models` without a JSON body say nothing: not a $status of $name',
  async ({ way, status, body, code, text }) => {
    const { clock, emulator, operation } = startWith([{ kind: 'status', route: way.create, status, body }], { way });
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ code, cause: { name: 'RemoteError', status } });
    const told = ((error as Error).cause as Error).message;
    expect(told.startsWith(`HTTP ${status}${text}`)).toBe(true);
    expect(told).not.toMatch(/[<>{}\n]/);
    expect((error as Error).message).toContain(told);
    expect(emulator.meter.requestsTo(way.create)).toHaveLength(1);
  },
);

it.each(ways)('#65 a page in place of JSON says nothing: not a 404 of $name, which names the base URL', async (way) => {
  const fault = { kind: 'status', route: way.create, status: 404, body: page('404 Not Found') } as const;
  const { clock, emulator, operation } = startWith([fault], { way });
  const error = await rejection(clock, operation.result());
  expect(error).toMatchObject({ name: 'NotStartedError', code: 'REJECTED', cause: { status: 404 } });
  const told = 'nothing was started: HTTP 404: 404 Not Found 404 Not Found (check the base URL https://';
  expect((error as Error).message).toContain(told);
  expect((error as Error).message).toMatch(
    /\.googleapis\.com\/\)(?: If this API version has no interactions, [^.]+\.)?$/,
  );
  expect(emulator.meter.requests).toHaveLength(1);
});
