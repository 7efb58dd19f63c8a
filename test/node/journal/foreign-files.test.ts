import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JournalListing } from '../../../src/api/journal.js';
import { leftOut } from '../../support/runtime.js';
import { filesWith, ID, namesIn, open, temporaryFolder } from './harness.js';

const NAME = `${ID}.1.free.json`;
const NO_UNIX = 'Windows has none of these.';
const isUnix = process.platform !== 'win32';
const onUnix = leftOut(isUnix ? undefined : NO_UNIX);

async function lists(folder: string): Promise<JournalListing> {
  const before = namesIn(folder);
  const listing = await open(folder).list();
  expect(namesIn(folder)).toEqual(before);
  return listing;
}

/** Puts one thing in the folder, and says what is listed of it. */
async function problemOf(name: string, put: (path: string) => void): Promise<string | undefined> {
  const folder = temporaryFolder();
  const path = join(folder, name);
  put(path);
  const { entries, unreadable } = await lists(folder);
  expect(entries).toEqual([]);
  expect(unreadable.map(({ place }) => place)).toEqual([path]);
  return unreadable[0]?.problem;
}

describe('what is no entry is named and left alone', () => {
  test.each([
    'notes.txt',
    `${ID}.json`,
    `${ID}.1.json`,
    `${ID}.0.free.json`,
    `${ID}.01.free.json`,
    `${ID}.1.free.json.bak`,
    `${ID}.1.free.txt`,
    `${ID}.1.somebody.json`,
    `${ID}.1.aaaaaaaaaaaa-x-x-0-x-1-aaaaaaaaaaaa.json`,
    `${ID.toUpperCase()}.1.free.json`,
    `${'a'.repeat(65)}.1.free.json`,
    `${ID}.1234567890123456.free.json`,
  ])('%s', async (name) => {
    expect(await problemOf(name, (path) => writeFileSync(path, '{}'))).toBe('It does not have the name of an entry.');
  });

  test('an empty file', async () => {
    expect(await problemOf(NAME, (path) => writeFileSync(path, ''))).toBe('It is empty.');
  });

  test('a file that is not UTF-8', async () => {
    expect(await problemOf(NAME, (path) => writeFileSync(path, Buffer.from([0x7b, 0xff, 0x7d])))).toMatch(/UTF-8/);
  });

  test('a huge file, which is not read', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, NAME), '');
    truncateSync(join(folder, NAME), 2 ** 40);
    const { unreadable } = await lists(folder);
    expect(unreadable).toEqual([
      { place: join(folder, NAME), problem: `It has ${2 ** 40} bytes, more than any entry.` },
    ]);
  });

  test('a folder', async () => {
    expect(await problemOf(NAME, (path) => mkdirSync(path))).toBe('It is not a regular file.');
  });

  test('a link, even to a file', onUnix, async () => {
    const target = join(temporaryFolder(), 'file');
    writeFileSync(target, 'text');
    expect(await problemOf(NAME, (path) => symlinkSync(target, path))).toBe('It is not a regular file.');
  });

  test('a FIFO, which nobody waits for', onUnix, async () => {
    expect(await problemOf(NAME, (path) => execFileSync('mkfifo', [path]))).toBe('It is not a regular file.');
  });

  test('what became a FIFO or a link after somebody looked', onUnix, async () => {
    const folder = temporaryFolder();
    const [regular, fifo, link] = [
      join(folder, 'a.1.free.json'),
      join(folder, 'b.1.free.json'),
      join(folder, 'c.1.free.json'),
    ];
    writeFileSync(regular, 'text');
    execFileSync('mkfifo', [fifo]);
    symlinkSync(regular, link);
    const files = filesWith({ lstatSync: (() => statSync(regular)) as never });
    const { entries, unreadable } = await open(folder, { files }).list();
    expect(entries.map(({ id }) => id)).toEqual(['a']);
    expect(unreadable.map(({ place }) => place)).toEqual([fifo, link]);
  });

  const readsAll = process.getuid?.() === 0 ? 'Whoever is root may read every file.' : undefined;
  test('a file that may not be read', leftOut(isUnix ? readsAll : NO_UNIX), async () => {
    expect(await problemOf(NAME, (path) => writeFileSync(path, 'text', { mode: 0 }))).toBe(
      'It cannot be read (EACCES).',
    );
  });

  test('a file that the disk does not give', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, NAME), 'text');
    const files = filesWith({
      readFileSync: () => {
        throw Object.assign(new Error('broken'), { code: 'EIO' });
      },
    });
    const { entries, unreadable } = await open(folder, { files }).list();
    expect([entries, unreadable]).toEqual([[], [{ place: join(folder, NAME), problem: 'It cannot be read (EIO).' }]]);
  });

  test('and all the rest is listed', async () => {
    const folder = temporaryFolder();
    await open(folder).add(ID, 'text');
    writeFileSync(join(folder, 'another.1.free.json'), '');
    mkdirSync(join(folder, `${ID}.9.free.json`));
    writeFileSync(join(folder, '.DS_Store'), 'x');
    const { entries, unreadable } = await lists(folder);
    expect(entries).toMatchObject([{ id: ID, fence: 1, text: 'text' }]);
    expect(unreadable).toHaveLength(2);
  });
});

test('a folder with the name of a later owner takes nothing from the owner', async () => {
  const folder = temporaryFolder();
  const journal = open(folder);
  const claim = await journal.add(ID, 'text');
  mkdirSync(join(folder, `${ID}.9.free.json`));
  expect(await journal.write(claim, 'again')).toBe(true);
  expect(await journal.release(claim)).toBe(true);
  const [entry] = (await journal.list()).entries;
  expect(entry && (await journal.claim(entry))).toEqual({ id: ID, fence: 2 });
});

test('what is gone again when it is read is not listed', async () => {
  const folder = temporaryFolder();
  const [journal, claim] = [open(folder), await open(folder).add('gone', 'text')];
  await journal.add(ID, 'text');
  expect((await journal.list()).entries).toHaveLength(2);
  const gone = namesIn(folder).find((name) => name.startsWith(claim.id)) ?? '';
  const afterReading = filesWith({ readdirSync: (() => [...readdirSync(folder), 'vanished.1.free.json']) as never });
  expect(await open(folder, { files: afterReading }).list()).toMatchObject({ entries: [{}, {}], unreadable: [] });
  const afterLooking = filesWith({
    openSync: (path, ...rest) => {
      if (String(path).endsWith(gone)) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return filesWith({}).openSync(path, ...rest);
    },
  });
  expect(await open(folder, { files: afterLooking }).list()).toMatchObject({ entries: [{ id: ID }], unreadable: [] });
});

test('temporary files are not listed, and taken away once nobody can be writing them', async () => {
  const folder = temporaryFolder();
  const [old, young] = [`.${ID}.${'0'.repeat(12)}.tmp`, `.${ID}.${'1'.repeat(12)}.tmp`];
  const others = ['.hidden', `.${ID}.tmp`];
  const anHourAgo = Date.now() / 1_000 - 3_601;
  for (const name of [old, young, ...others]) writeFileSync(join(folder, name), 'text');
  for (const name of [old, ...others]) utimesSync(join(folder, name), anHourAgo, anHourAgo);
  expect(await open(folder).list()).toEqual({ entries: [], unreadable: [] });
  expect(namesIn(folder)).toEqual([young, ...others].sort());
});
