import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryJournal, readJournal, type Image } from '../../src/index.js';
import { cancelable } from '../../src/node.js';
import { tagOf } from '../testing/image-tag.js';
import { lighthouse, rejection, resolution, settle, WORK_MS } from '../support/setup.js';
import { paidFor, setupMortal, worlds } from './support.js';

const images = (numberOfImages: number) => ({ ...lighthouse, config: { numberOfImages } });

/** The job that an image says it comes from. */
const jobOf = (image: Image): string | undefined =>
  tagOf(Uint8Array.from(atob(image.imageBytes ?? ''), (letter) => letter.charCodeAt(0)))?.job;

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
afterEach(() => void vi.restoreAllMocks());

describe('#72 finished images at the death of the process', () => {
  it.each([
    ['the code awaits generateImages()', () => undefined],
    ['a listener was called with them', vi.fn()],
  ])(
    '#72 finished images at the death of the process: each is named, and recover() finds it, where %s',
    async (_, heard) => {
      const journal = memoryJournal();
      const all = setupMortal(worlds.A, { journal, maxConcurrency: 2 });
      const { ai, clock, emulator } = all;
      const operation = all.images.start(images(3));
      operation.on('image', heard);
      void operation.result().catch(() => undefined);
      await clock.advance(WORK_MS + 1_000);
      const lines = await all.press();
      const made = emulator.meter.jobs.filter(({ endReason }) => endReason === 'completed').map(({ name }) => name);
      expect(made).toHaveLength(2);
      for (const name of made) expect(lines.join('\n')).toContain(`npx --no genai-cancel attach ${name} -o .`);
      expect(lines).toContain('images: 1 cancelled (confirmed by the server), 2 completed.');

      await clock.advance(2 * journal.leaseMs);
      const received: (string | undefined)[] = [];
      const later = cancelable(ai, { clock, journal, onImage: (image) => void received.push(jobOf(image)) });
      const { operations } = await resolution(clock, later.recover());
      await settle(clock, Promise.all(operations.map(({ operation }) => operation.result())));
      expect(received.sort()).toEqual([...made].sort());
      await clock.advance(1_000);
      expect((await readJournal(journal)).operations).toEqual([]);
    },
  );

  it('#72 finished images at the death of the process: `onImage` is waited for, and then nothing is named', async () => {
    const journal = memoryJournal();
    const received: Image[] = [];
    const all = setupMortal(worlds.A, { journal, maxConcurrency: 1 });
    all.images.start(images(2), {
      onImage: async (image) => {
        await new Promise<void>((resolve) => all.clock.setTimeout(resolve, 3_000));
        received.push(image);
      },
    });
    await all.clock.advance(WORK_MS + 200);
    const lines = await all.press();
    expect(received).toHaveLength(1);
    expect(lines.slice(1)).toEqual(['images: 1 cancelled (confirmed by the server), 1 completed.']);
    expect((await readJournal(journal)).operations).toEqual([]);
  });
});

describe.each([2, 4, 12])('#72 %i images that cannot be cancelled', (count) => {
  it('#72 a signal costs the finished images and the one in the making, and all of them are said to be lost', async () => {
    const all = setupMortal(worlds.C);
    void all.images.generateImages(images(count)).catch(() => undefined);
    await all.clock.advance(WORK_MS + 1_000);
    const lines = await all.press();
    expect(await paidFor(all)).toBe(2);
    expect(lines.filter((line) => line.includes('lost'))).toEqual([
      expect.stringMatching(/^lost: 1 finished image\. .*`onImage` would have received it/),
      expect.stringMatching(/^1 request cannot be cancelled .* its image is lost/),
    ]);
  });

  it('#72 an abort costs the finished images, which the report has, and the one in the making', async () => {
    const all = setupMortal(worlds.C);
    const controller = new AbortController();
    const config = { numberOfImages: count, abortSignal: controller.signal };
    const rejected = rejection(all.clock, all.images.generateImages({ ...lighthouse, config }));
    await all.clock.advance(WORK_MS + 1_000);
    controller.abort();
    expect(await rejected).toMatchObject({
      report: { counts: { made: 1, running: 1, notSent: count - 2 }, response: { generatedImages: [{}] } },
    });
    expect(await paidFor(all)).toBe(2);
  });

  it('#72 with `onImage` an abort loses nothing, and gives each image once', async () => {
    const received: (string | undefined)[] = [];
    const all = setupMortal(worlds.C, { onImage: (image) => void received.push(jobOf(image)) });
    const controller = new AbortController();
    const config = { numberOfImages: count, abortSignal: controller.signal };
    const rejected = rejection(all.clock, all.images.generateImages({ ...lighthouse, config }));
    await all.clock.advance(WORK_MS + 1_000);
    controller.abort();
    await rejected;
    await all.clock.advance(60_000);
    expect([received.length, new Set(received).size, await paidFor(all)]).toEqual([2, 2, 2]);
  });

  it('#72 with `onImage` a signal loses nothing', async () => {
    const received: Image[] = [];
    const all = setupMortal(worlds.C, { onImage: (image) => void received.push(image) });
    void all.images.generateImages(images(count)).catch(() => undefined);
    await all.clock.advance(WORK_MS + 1_000);
    expect((await all.press()).join()).not.toMatch(/lost/);
    expect([received.length, await paidFor(all)]).toEqual([2, 2]);
  });
});
