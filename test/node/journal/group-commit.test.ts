import * as nodeFiles from 'node:fs';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDeferred } from '../../../src/util/deferred.js';
import { ID, machine, namesIn, onlyEntry, open, temporaryFolder } from './harness.js';

const never = (): Promise<void> => new Promise(() => undefined);
const gone = machine({ pid: 7, start: '50' });
const living = machine({});

/** A journal whose syncs wait until they are let go, and how many have begun. */
function slowJournal(folder: string) {
  const gate = createDeferred<undefined>();
  const counts = { files: 0, folders: 0 };
  const sync = async (descriptor: number): Promise<void> => {
    counts[nodeFiles.fstatSync(descriptor).isDirectory() ? 'folders' : 'files']++;
    await gate.promise;
  };
  return { journal: open(folder, { sync }), counts, letGo: () => gate.resolve(undefined) };
}

test('texts that come in one turn share the sync of the folder, and are seen before it', async () => {
  const folder = temporaryFolder();
  const { journal, counts, letGo } = slowJournal(folder);
  const adding = Array.from({ length: 50 }, (_, index) => journal.add(`job-${index}`, `text ${index}`));
  expect((await open(folder).list()).entries).toHaveLength(50);
  letGo();
  await Promise.all(adding);
  expect(counts).toEqual({ files: 50, folders: 1 });
  expect(namesIn(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('nothing is said to be durable before its sync, and the last of several texts counts', async () => {
  const folder = temporaryFolder();
  const { journal, letGo } = slowJournal(folder);
  const told: string[] = [];
  const tell = (word: string) => (): void => void told.push(word);
  const adding = journal.add(ID, 'first');
  void adding.then(tell('added'));
  const claim = { id: ID, fence: 1 };
  const writes = ['second', 'third'].map((text) => journal.write(claim, text));
  const releasing = journal.release(claim);
  expect(await onlyEntry(open(folder))).toMatchObject({ text: 'third' });
  expect(told).toEqual([]);
  letGo();
  expect(await Promise.all([adding, ...writes, releasing])).toEqual([claim, true, true, true]);
  expect(await onlyEntry(open(folder))).toMatchObject({ text: 'third', isOrphan: true });
});

test('a text that its owner left on its way is claimed, with what it had written before', async () => {
  const folder = temporaryFolder();
  const claim = await open(folder, { machine: gone }).add('other', 'old');
  void open(folder, { machine: gone, sync: never }).add(ID, 'text');
  const journal = open(folder, { machine: living });
  const { entries, unreadable } = await journal.list();
  expect([entries.length, unreadable]).toEqual([2, []]);
  for (const entry of entries) expect(await journal.claim(entry)).toEqual({ id: entry.id, fence: 2 });
  expect(claim).toEqual({ id: 'other', fence: 1 });
  expect(namesIn(folder)).toHaveLength(2);
});

test('half a text is left out, and the text before it counts', async () => {
  const folder = temporaryFolder();
  let isHanging = false;
  const journal = open(folder, { machine: gone, sync: () => (isHanging ? never() : Promise.resolve()) });
  const claim = await journal.add(ID, 'whole');
  isHanging = true;
  void journal.write(claim, 'torn by a power cut');
  const [name = ''] = namesIn(folder);
  truncateSync(join(folder, name), 4);
  const { entries, unreadable } = await open(folder, { machine: living }).list();
  expect([entries.map(({ text }) => text), unreadable]).toEqual([['whole'], []]);
});
