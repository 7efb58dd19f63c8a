import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JournalClaim } from '../../../src/api/journal.js';
import { elsewhere, ID, namesIn, open, temporaryFolder } from './harness.js';

describe.runIf(process.platform !== 'win32')('is for the eyes of the user', () => {
  test.each([0, 0o022, 0o077])('with a umask of %i', async (umask) => {
    const before = process.umask(umask);
    onTestFinished(() => void process.umask(before));
    const above = join(temporaryFolder(), 'above');
    const folder = join(above, 'journal');
    const journal = open(folder, { machine: elsewhere() });
    await journal.write(await journal.add(ID, 'text'), 'again');
    const modes = [above, folder, ...namesIn(folder).map((name) => join(folder, name))].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  test('a folder that is there keeps the mode that its maker gave it', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o750);
    await open(folder).add(ID, 'text');
    expect(statSync(folder).mode & 0o777).toBe(0o750);
  });
});

describe('refuses what must not get into the name of a file', () => {
  const bad = ['', '..', '../x', 'a/b', 'a\\b', 'A', 'a.b', 'a:b', 'a\0', 'a\n', 'é', 'a'.repeat(65), undefined, 7];
  test.each(bad)('the id %j', async (id) => {
    const folder = join(temporaryFolder(), 'journal');
    const journal = open(folder);
    const claim = { id, fence: 1 } as JournalClaim;
    const entry = { ...claim, text: 'text', isOrphan: true, renewedAt: 0 };
    await expect(journal.add(claim.id, 'text')).rejects.toThrow(TypeError);
    await expect(journal.write(claim, 'text')).rejects.toThrow(/Expected `id` to be a string that matches/);
    await expect(journal.renew(claim)).rejects.toThrow(TypeError);
    await expect(journal.release(claim)).rejects.toThrow(TypeError);
    await expect(journal.remove(claim)).rejects.toThrow(TypeError);
    await expect(journal.claim(entry)).rejects.toThrow(TypeError);
    expect(namesIn(join(folder, '..'))).toEqual([]);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '../x'])('the fence %j', async (fence) => {
    await expect(open(temporaryFolder()).renew({ id: ID, fence } as JournalClaim)).rejects.toThrow(/`fence`/);
  });

  test('not what is harmless', async () => {
    const folder = temporaryFolder();
    for (const id of ['a', '-', '0-z', 'a'.repeat(64)]) await open(folder).add(id, 'text');
    expect((await open(folder).list()).entries).toHaveLength(4);
  });
});

test('refuses texts that could not be listed again, and changes nothing', async () => {
  const folder = temporaryFolder();
  const journal = open(folder);
  const claim = await journal.add(ID, 'text');
  for (const text of ['', undefined, 'x'.repeat(2 ** 24 + 1)] as string[]) {
    await expect(journal.add('another', text)).rejects.toThrow(/`text`/);
    await expect(journal.write(claim, text)).rejects.toThrow(/`text`/);
  }
  expect((await journal.list()).entries).toMatchObject([{ id: ID, text: 'text' }]);
  expect(await journal.write(claim, 'x'.repeat(2 ** 24))).toBe(true);
  expect((await journal.list()).entries).toMatchObject([{ text: 'x'.repeat(2 ** 24) }]);
});

test('keeps a byte order mark', async () => {
  const journal = open(temporaryFolder());
  await journal.add(ID, '\uFEFFtext');
  expect((await journal.list()).entries).toMatchObject([{ text: '\uFEFFtext' }]);
});
