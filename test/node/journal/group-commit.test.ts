import * as nodeFiles from 'node:fs';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createDeferred } from '../../../src/util/deferred.js';
import { filesWith, ID, machine, namesIn, onlyEntry, open, temporaryFolder } from './harness.js';

const never = (): Promise<void> => new Promise(() => undefined);
const gone = machine({ pid: 7, start: '50' });
const living = machine({});

/** A journal whose syncs of files or folders wait until they are let go, and how many have begun. */
function slowJournal(folder: string, slow: 'files' | 'folders') {
  const gate = createDeferred<undefined>();
  const counts = { files: 0, folders: 0 };
  const sync = async (descriptor: number): Promise<void> => {
    const kind = nodeFiles.fstatSync(descriptor).isDirectory() ? 'folders' : 'files';
    counts[kind]++;
    if (kind === slow) await gate.promise;
  };
  return { journal: open(folder, { sync }), counts, letGo: () => gate.resolve(undefined) };
}

test('texts that come while the folder is synced share the next sync of it', async () => {
  const folder = temporaryFolder();
  const { journal, counts, letGo } = slowJournal(folder, 'folders');
  const adding = Array.from({ length: 50 }, (_, index) => journal.add(`job-${index}`, `text ${index}`));
  await vi.waitFor(() => expect(counts).toEqual({ files: 50, folders: 1 }));
  letGo();
  await Promise.all(adding);
  expect(counts).toEqual({ files: 50, folders: 2 });
  expect(namesIn(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('nothing is said to be durable before its sync, and the last of several texts counts', async () => {
  const folder = temporaryFolder();
  const { journal, letGo } = slowJournal(folder, 'files');
  const told: string[] = [];
  const tell = (word: string) => (): void => void told.push(word);
  const adding = journal.add(ID, 'first');
  void adding.then(tell('added'));
  const claim = { id: ID, fence: 1 };
  const writes = ['second', 'third'].map((text) => journal.write(claim, text));
  const releasing = journal.release(claim);
  await nextTurn();
  expect(told).toEqual([]);
  letGo();
  expect(await Promise.all([adding, ...writes, releasing])).toEqual([claim, true, true, true]);
  expect(await onlyEntry(open(folder))).toMatchObject({ text: 'third', isOrphan: true });
});

/** A journal of a process that has ended while a text was on its way, with the names of the files that it has left. */
async function leftOnItsWay(text: string): Promise<{ folder: string; names: string[] }> {
  const folder = temporaryFolder();
  let isHanging = false;
  const journal = open(folder, { machine: gone, sync: () => (isHanging ? never() : Promise.resolve()) });
  const claim = await journal.add(ID, 'before');
  isHanging = true;
  void journal.write(claim, 'between');
  void journal.write(claim, text);
  void journal.add('other', 'nothing was started yet');
  return { folder, names: namesIn(folder).filter((name) => name.startsWith(`.${ID}`)) };
}

test('a text that its owner left on its way is found, and claimed', async () => {
  const { folder } = await leftOnItsWay('last');
  const journal = open(folder, { machine: living });
  const listed = await onlyEntry(journal);
  expect(listed).toMatchObject({ id: ID, text: 'last', isOrphan: true });
  expect(await journal.claim(listed)).toEqual({ id: ID, fence: 2 });
  expect((await journal.list()).unreadable).toEqual([]);
});

test('it is left alone while its owner lives', async () => {
  const { folder } = await leftOnItsWay('last');
  const before = namesIn(folder);
  expect(await onlyEntry(open(folder, { machine: machine({}, { 7: '50' }) }))).toMatchObject({ text: 'before' });
  expect(namesIn(folder)).toEqual(before);
});

test('half a text is left out, and the text before it counts', async () => {
  const { folder, names } = await leftOnItsWay('torn by a power cut');
  truncateSync(join(folder, names.at(-1) ?? ''), 4);
  expect(await onlyEntry(open(folder, { machine: living }))).toMatchObject({ text: 'between' });
});

test('who may not change the folder sees the text before', async () => {
  const { folder } = await leftOnItsWay('last');
  const files = filesWith({
    renameSync: () => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    },
  });
  expect(await onlyEntry(open(folder, { machine: living, files }))).toMatchObject({ text: 'before' });
});
