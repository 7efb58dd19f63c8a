import { readdirSync } from 'node:fs';
import { GoogleGenAI } from '@google/genai';
import { expect, test } from 'vitest';
import { ImageFolder } from '../../src/cli/folder.js';
import type { Scene } from '../../src/cli/view/rows.js';
import type { View } from '../../src/cli/view/view.js';
import { watch } from '../../src/cli/watch.js';
import { cancelable, type Operation, type OperationEvent } from '../../src/index.js';
import { createEmulator, createVirtualClock, type EmulatorOptions } from '../../src/testing/index.js';
import { temporaryFolder } from './temporary-folder.js';

/** Takes notes. */
class Notes implements View {
  readonly events: OperationEvent[] = [];
  #scene: Scene | undefined;

  readonly of = (scene: Scene): this => {
    this.#scene = scene;
    return this;
  };
  /** The images that are written, from 0. */
  get written(): number[] {
    return [...(this.#scene?.deliveries.keys() ?? [])];
  }
  get types(): string[] {
    return this.events.map(({ type }) => type);
  }
  event(event: OperationEvent): void {
    this.events.push(event);
  }
  tick(): void {
    // Time says nothing here.
  }
}

const clock = createVirtualClock();

function start(options: EmulatorOptions): Operation {
  const emulator = createEmulator({ clock, queueMs: 0, workMs: 1_000, ...options });
  const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { fetch: emulator.fetch } });
  const config = { numberOfImages: 3 };
  return cancelable(client, { clock }).start({ model: 'm', prompt: 'a lighthouse', config });
}

async function settled<T>(promise: Promise<T>): Promise<T> {
  let isOver = false;
  void promise.finally(() => (isOver = true));
  await clock.advanceUntil(() => isOver, { maxMs: 300_000 });
  return promise;
}

test('each image is written once, under its number, and its end is told once', async () => {
  const operation = start({ faults: [{ kind: 'refuse', text: 'No.', job: 1 }] });
  const folder = temporaryFolder();
  const notes = new Notes();
  let ended = 0;
  const store = new ImageFolder(folder, { force: false });
  const watched = await settled(watch(operation, { store, viewOf: notes.of, ended: () => ended++ }));
  expect(watched).toEqual({ isComplete: false, isWritten: true });
  expect(ended).toBe(1);
  expect(notes.written).toHaveLength(2);
  expect(readdirSync(folder)).toEqual(notes.written.map((index) => `image-${index + 1}.png`).sort());
  expect(notes.types.filter((type) => type === 'image')).toHaveLength(2);
  expect(notes.types.at(-1)).toBe('settled');
  expect(notes.events.at(-1)).toMatchObject({ state: 'succeeded', response: { generatedImages: { length: 3 } } });
});

test('a failure is told, and does not reject', async () => {
  const operation = start({ faults: [{ kind: 'fail', message: 'Out of memory.' }] });
  const notes = new Notes();
  const store = new ImageFolder(temporaryFolder(), { force: false });
  const watched = await settled(watch(operation, { store, viewOf: notes.of }));
  expect(watched).toEqual({ isComplete: false, isWritten: true });
  expect(notes.events.at(-1)).toMatchObject({ type: 'settled', state: 'failed', error: { code: 'FAILED' } });
});

test('an image that could not be cancelled is waited for and written after the end', async () => {
  const operation = start({
    honoursServerTimeout: false,
    faults: [{ kind: 'background-refused', route: 'create' }],
  });
  const folder = temporaryFolder();
  const notes = new Notes();
  const watched = watch(operation, { store: new ImageFolder(folder, { force: false }), viewOf: notes.of });
  await clock.advanceUntil(() => operation.state === 'running');
  await clock.advance(100);
  const { counts } = await operation.cancel();
  expect(counts).toEqual({ made: 0, cancelled: 0, failed: 0, running: 1, notSent: 2 });
  expect(readdirSync(folder)).toEqual([]);
  expect(await settled(watched)).toEqual({ isComplete: false, isWritten: true });
  expect(notes.types.slice(-2)).toEqual(['settled', 'image']);
  expect(readdirSync(folder)).toEqual(['image-1.png']);
});

test('an image that could not be written is told', async () => {
  const notes = new Notes();
  const store = { save: (image: object, index: number) => ({ index, image, problem: 'ENOSPC' }) };
  const watched = await settled(watch(start({}), { store, viewOf: notes.of }));
  expect(watched).toEqual({ isComplete: false, isWritten: false });
});

test('it is complete when every image was made and written', async () => {
  const notes = new Notes();
  const store = { save: (image: object, index: number) => ({ index, image, path: String(index) }) };
  expect(await settled(watch(start({}), { store, viewOf: notes.of }))).toEqual({ isComplete: true, isWritten: true });
  expect([...notes.written].sort()).toEqual([0, 1, 2]);
});
