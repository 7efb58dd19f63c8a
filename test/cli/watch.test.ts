import { readdirSync } from 'node:fs';
import { GoogleGenAI } from '@google/genai';
import { describe, expect, test } from 'vitest';
import { ImageFolder } from '../../src/cli/folder.js';
import type { Scene, View } from '../../src/cli/view/view.js';
import { watch } from '../../src/cli/watch.js';
import { cancelable, type Operation, type OperationEvent } from '../../src/index.js';
import { createEmulator, type EmulatorOptions } from '../../src/testing/index.js';
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
  event(event: OperationEvent): void {
    this.events.push(event);
  }
  tick(): void {
    // Time says nothing here.
  }
  remark(): void {
    // Nor is anything remarked.
  }
}

function start(options: EmulatorOptions): Operation {
  const emulator = createEmulator({ queueMs: 0, workMs: 0, ...options });
  const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { fetch: emulator.fetch } });
  const config = { numberOfImages: 3 };
  const operation = cancelable(client).start({ model: 'm', prompt: 'a lighthouse', config });
  // One that nobody listens for would go to the console.
  operation.on('warning', () => undefined);
  return operation;
}

describe('an operation that is over before anyone listens', () => {
  test('has its images written all the same, each under its number', async () => {
    const operation = start({ faults: [{ kind: 'refuse', text: 'No.', job: 1 }] });
    await operation.result();
    const folder = temporaryFolder();
    const notes = new Notes();
    const watched = await watch(operation, { store: new ImageFolder(folder, { force: false }), viewOf: notes.of });
    expect(watched).toMatchObject({ isComplete: false, isWritten: true });
    expect(notes.events.map(({ type }) => type)).toEqual(['image', 'image', 'settled']);
    expect(notes.events.at(-1)).toMatchObject({ state: 'succeeded', response: { generatedImages: { length: 3 } } });
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('has its failure told', async () => {
    const operation = start({ faults: [{ kind: 'fail', message: 'Out of memory.' }] });
    await operation.result().catch(() => undefined);
    const notes = new Notes();
    await watch(operation, { store: new ImageFolder(temporaryFolder(), { force: false }), viewOf: notes.of });
    expect(notes.events).toMatchObject([{ type: 'settled', state: 'failed', error: { code: 'ERR_OPERATION_FAILED' } }]);
  });
});

test('what was heard of is not written again at the end', async () => {
  const operation = start({});
  const notes = new Notes();
  let count = 0;
  let ended = 0;
  const store = { save: (index: number, image: object) => ({ index, image, path: String(++count) }) };
  const watched = await watch(operation, { store, viewOf: notes.of, ended: () => ended++ });
  expect(watched).toMatchObject({ isComplete: true });
  expect([count, ended]).toEqual([3, 1]);
  expect(notes.written.sort()).toEqual([0, 1, 2]);
  expect(notes.events.filter(({ type }) => type === 'settled')).toHaveLength(1);
});
