import { expect, it } from 'vitest';
import { rejection, resolution } from '../support/setup.js';
import { setupVertex } from '../google/batches/vertex-setup.js';
import { startWith, ways } from './support.js';

it.each(ways.slice(0, 2))(
  '#57 somebody else cancels a job of $name: it is cancelled, and the operation failed',
  async (way) => {
    const { ai, clock, operation } = startWith([], { way });
    await resolution(clock, operation.submitted());
    const name = operation.jobs[0]?.name ?? '';
    await (way.backend === 'batches' ? ai.batches.cancel({ name }) : ai.interactions.cancel(name.split('/')[1] ?? ''));
    const error = await rejection(clock, operation.result());
    expect(error).toMatchObject({ name: 'OperationFailedError', code: 'FAILED', jobs: [{ name, state: 'cancelled' }] });
    expect((error as Error).message).toMatch(/cancelled on the server, but not from here/);
    expect(operation.state).toBe('failed');
    // A trigger that comes after it changes nothing.
    expect(await resolution(clock, operation.cancel())).toMatchObject({ jobs: [{ cancelRequests: 0 }] });
    expect(operation.state).toBe('failed');
  },
);

it('#57 somebody else cancels a batch on Vertex: it is cancelled, and the operation failed', async () => {
  const { ai, clock, startRows } = setupVertex();
  const operation = startRows(2);
  await resolution(clock, operation.submitted());
  await ai.batches.cancel({ name: operation.jobs[0]?.name ?? '' });
  expect(await rejection(clock, operation.result())).toMatchObject({ code: 'FAILED', jobs: [{ state: 'cancelled' }] });
  expect(operation.state).toBe('failed');
});
