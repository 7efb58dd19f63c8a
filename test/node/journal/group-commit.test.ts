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

test('texts of one moment share a sync of the folder, and those that come while it runs share the next', async () => {
  const folder = temporaryFolder();
  const { journal, counts, letGo } = slowJournal(folder, 'folders');
  const addMore = (from: number) =>
    Array.from({ length: 50 }, (_, index) => journal.add(`job-${from + index}`, `text ${index}`));
  const first = addMore(0);
  await vi.waitFor(() => expect(counts).toEqual({ files: 50, folders: 1 }));
  const second = addMore(50);
  await vi.waitFor(() => expect(counts).toEqual({ files: 100, folders: 1 }));
  letGo();
  await Promise.all([...first, ...second]);
  expect(counts).toEqual({ files: 100, folders: 2 });
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

test('a text does not take the place of a later one because its sync takes longer', async () => {
  const gate = createDeferred<undefined>();
  let files = 0;
  const sync = async (descriptor: number): Promise<void> => {
    if (nodeFiles.fstatSync(descriptor).isFile() && ++files === 2) await gate.promise;
  };
  const folder = temporaryFolder();
  const journal = open(folder, { sync });
  const claim = await journal.add(ID, 'first');
  const writes = ['second', 'third'].map((text) => journal.write(claim, text));
  await nextTurn();
  await nextTurn();
  gate.resolve(undefined);
  expect(await Promise.all(writes)).toEqual([true, true]);
  expect(await onlyEntry(open(folder))).toMatchObject({ text: 'third' });
});

/** A journal of a process that has texts on their way for ever, and the names of their files. */
async function onItsWay(text: string): Promise<{ folder: string; names: string[] }> {
  const folder = temporaryFolder();
  let isHanging = false;
  const journal = open(folder, { machine: gone, sync: () => (isHanging ? never() : Promise.resolve()) });
  const claim = await journal.add(ID, 'before');
  isHanging = true;
  void journal.write(claim, 'between');
  void journal.write(claim, text);
  return { folder, names: namesIn(folder).filter((name) => name.startsWith('.')) };
}

test('a text on its way is seen by others at once, and claimed if its owner has ended', async () => {
  const { folder } = await onItsWay('last');
  void open(folder, { machine: gone, sync: never }).add('new', 'text');
  const journal = open(folder, { machine: living });
  const { entries } = await journal.list();
  expect(entries.map(({ id, text }) => [id, text]).sort()).toEqual([
    [ID, 'last'],
    ['new', 'text'],
  ]);
  for (const entry of entries) expect(await journal.claim(entry)).toEqual({ id: entry.id, fence: 2 });
  expect((await journal.list()).unreadable).toEqual([]);
});

test('an owner whose text was put in its place by somebody else goes on', async () => {
  const folder = temporaryFolder();
  const { journal, letGo } = slowJournal(folder, 'files');
  const claim = { id: ID, fence: 1 };
  const writes = [journal.add(ID, 'first'), journal.write(claim, 'second'), journal.write(claim, 'third')];
  expect(await onlyEntry(open(folder))).toMatchObject({ text: 'third', isOrphan: false });
  letGo();
  expect(await Promise.all(writes)).toEqual([claim, true, true]);
  expect(await onlyEntry(open(folder))).toMatchObject({ text: 'third' });
  expect(namesIn(folder)).toHaveLength(1);
});

test('half a text is left out, and the text before it counts', async () => {
  const { folder, names } = await onItsWay('torn by a power cut');
  truncateSync(join(folder, names.at(-1) ?? ''), 4);
  expect(await onlyEntry(open(folder, { machine: living }))).toMatchObject({ text: 'between' });
});

test('who may not change the folder sees the text before', async () => {
  const { folder } = await onItsWay('last');
  const files = filesWith({
    renameSync: () => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    },
  });
  expect(await onlyEntry(open(folder, { machine: living, files }))).toMatchObject({ text: 'before' });
});
