import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lighthouse, rejection, setup } from '../support/setup.js';

const here = fileURLToPath(import.meta.url);

/** Calls that fail in different ways, each from this file. */
const failing = {
  'a create that is rejected': () =>
    setup({ emulator: { faults: [{ kind: 'status', route: 'create', status: 400 }] } }),
  'a response that is lost': () => setup({ emulator: { faults: [{ kind: 'reset', route: 'create', when: 'after' }] } }),
  'a job that fails': () => setup({ emulator: { faults: [{ kind: 'end', status: 'failed' }] } }),
} as const;

describe.each(Object.entries(failing))('#66 the error of %s', (_, scene) => {
  it('has a frame of the file that called generateImages()', async () => {
    const { clock, images } = scene();
    const error = (await rejection(clock, images.generateImages(lighthouse))) as Error;
    expect(error.stack).toContain(here);
  });

  it('has a frame of the file that called start(), also if it waits elsewhere', async () => {
    const { clock, images } = scene();
    const operation = images.start(lighthouse);
    await clock.advance(1_000);
    const error = (await rejection(clock, operation.result())) as Error;
    expect(error.stack).toContain(here);
  });
});

it('#66 the error of a cancel has the frame of the call', async () => {
  const { clock, images } = setup();
  const operation = images.start(lighthouse);
  await clock.advance(1_000);
  void operation.cancel();
  const error = (await rejection(clock, operation.result())) as Error;
  expect(error.stack).toContain(here);
});
