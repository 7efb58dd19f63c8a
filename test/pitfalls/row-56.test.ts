import { expect, it } from 'vitest';
import { rejection, resolution } from '../support/setup.js';
import { startWith, ways } from './support.js';

const REFUSED = 'background=true is only supported for agent interactions.';

it.each([
  [400, { code: 400, message: REFUSED, status: 'INVALID_ARGUMENT' }],
  [400, { code: 'invalid_request', message: REFUSED }],
  [404, { code: 404, message: 'Method not found.', status: 'NOT_FOUND' }],
  [405, { code: 405, message: 'Method not allowed.', status: 'UNIMPLEMENTED' }],
  [501, { code: 501, message: 'Not here.', status: 'UNIMPLEMENTED' }],
])('#56 an error body that is an array is unreadable: a refusal in it falls back (%i, %o)', async (status, error) => {
  const { clock, emulator, images, operation } = startWith([
    { kind: 'status', route: 'create', status, body: [{ error }] },
  ]);
  const warnings: string[] = [];
  operation.on('warning', ({ message }) => warnings.push(message));
  expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(1);
  expect(emulator.meter.requestsTo('create')).toHaveLength(1);
  expect(emulator.meter.requestsTo('generateContent')).toHaveLength(1);
  expect(images.capabilities('gemini-3.1-flash-image').cancelable).toBe('no');
  expect(warnings).toEqual([expect.stringContaining('cannot be cancelled')]);
});

it.each(ways)('#56 an error body that is an array is unreadable: its message is told by $name', async (way) => {
  for (const code of [403, 'permission_denied']) {
    const body = [{ error: { code, message: 'Your project may not.', status: 'PERMISSION_DENIED' } }];
    const { clock, emulator, operation } = startWith([{ kind: 'status', route: way.create, status: 403, body }], {
      way,
    });
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ code: 'REJECTED', cause: { status: 403, message: 'Your project may not.' } });
    expect((error as Error).message).toMatch(/nothing was started: Your project may not\.$/);
    expect(emulator.meter.requestsTo(way.create)).toHaveLength(1);
  }
});

it.each(ways)(
  '#56 an error body that is an array is unreadable: it is told by $name that is sent again',
  async (way) => {
    const body = [{ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }];
    const { clock, operation } = startWith([{ kind: 'status', route: way.create, status: 503, body }], { way });
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ code: 'REJECTED', cause: { status: 503, message: 'The model is overloaded.' } });
  },
);
