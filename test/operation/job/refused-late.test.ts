import { expect, it } from 'vitest';
import { memoryJournal } from '../../../src/index.js';
import { lighthouse, QUEUE_MS, resolution, setup, WORK_MS } from '../../support/setup.js';

/** The journal takes this long for a write: a create waits for it. */
const WRITE_MS = 1_000;

it('sends no create for a job that was being written down when a sibling was refused', async () => {
  // The first job has ended by then, and the third one has its place: its record is being written.
  const refusedAfterMs = QUEUE_MS + WORK_MS + WRITE_MS / 2;
  const { clock, images, routes } = setup({
    emulator: {
      faults: [
        { kind: 'delay', route: 'create', when: 'before', ms: refusedAfterMs, skip: 1, times: 1 },
        { kind: 'background-refused', skip: 1 },
      ],
    },
  });
  const store = memoryJournal({ clock });
  const journal = {
    ...store,
    write: async (...args: Parameters<typeof store.write>) => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, WRITE_MS));
      return store.write(...args);
    },
  };
  const operation = images.start({ ...lighthouse, config: { numberOfImages: 3 } }, { journal, maxConcurrency: 2 });
  operation.on('warning', () => undefined);
  expect((await resolution(clock, operation.result())).generatedImages).toHaveLength(3);
  expect(routes().filter((route) => route === 'create')).toHaveLength(2);
});

it('remembers a refusal that comes during a cancel', async () => {
  const { clock, images, routes } = setup({
    emulator: { faults: [{ kind: 'delay', route: 'create', ms: 1_000 }, { kind: 'background-refused' }] },
  });
  const stopped = images.start(lighthouse);
  await clock.advance(100);
  await resolution(clock, stopped.cancel());
  const next = images.start(lighthouse);
  next.on('warning', () => undefined);
  await resolution(clock, next.result());
  expect(routes()).toEqual(['create', 'generateContent']);
});
