import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { elsewhere, expireLease, filesWith, ID, namesIn, onlyEntry, open, temporaryFolder } from './harness.js';
import { withPlatform } from './platform.js';

/** An owner was killed in the middle of a write, after somebody had claimed its entry: its file is back. */
async function cutOffWrite(): Promise<{ folder: string; back: string; journal: ReturnType<typeof open> }> {
  const folder = temporaryFolder();
  const former = open(folder, { machine: elsewhere() });
  await former.add(ID, 'former');
  const [name = ''] = namesIn(folder);
  const kept = join(temporaryFolder(), name);
  copyFileSync(join(folder, name), kept);
  expireLease(folder, ID);
  const journal = open(folder);
  expect(await journal.claim(await onlyEntry(journal))).toEqual({ id: ID, fence: 2 });
  const back = join(folder, name);
  copyFileSync(kept, back);
  expireLease(folder, ID);
  return { folder, back, journal };
}

describe('a file of a former owner', () => {
  test('counts for nothing, is named, and left alone', async () => {
    const { folder, back, journal } = await cutOffWrite();
    const { entries, unreadable } = await journal.list();
    const [, current = ''] = namesIn(folder);
    expect(entries).toMatchObject([{ id: ID, fence: 2 }]);
    expect(unreadable).toEqual([{ place: back, problem: `Superseded by ${current}.` }]);
    expect(await journal.write({ id: ID, fence: 2 }, 'again')).toBe(true);
    expect(namesIn(folder)).toHaveLength(2);
  });

  test('cannot be claimed, nor can the entry by who has only seen that', async () => {
    const { journal } = await cutOffWrite();
    const current = { id: ID, fence: 2 };
    expect(await journal.release(current)).toBe(true);
    const [entry] = (await journal.list()).entries;
    expect(entry).toMatchObject({ ...current, isOrphan: true });
    expect(entry && (await journal.claim({ ...entry, fence: 1 }))).toBeUndefined();
    expect(entry && (await journal.claim(entry))).toEqual({ id: ID, fence: 3 });
  });

  test('does not take the place of the entry when that is removed', async () => {
    const { folder, journal } = await cutOffWrite();
    expect(await journal.remove({ id: ID, fence: 2 })).toBe(true);
    expect(namesIn(folder)).toEqual([]);
  });

  test('keeps the id taken', async () => {
    const { journal } = await cutOffWrite();
    await expect(journal.add(ID, 'new')).rejects.toThrow(`There is an entry ${ID} already.`);
  });
});

test('an entry that was renewed since it was listed is not claimed: it may have another text by now', async () => {
  const folder = temporaryFolder();
  const owner = open(folder, { machine: elsewhere() });
  const claim = await owner.add(ID, 'old');
  expireLease(folder, ID);
  const other = open(folder);
  const listed = await onlyEntry(other);
  await owner.write(claim, 'new');
  await owner.release(claim);
  expect(await other.claim(listed)).toBeUndefined();
  expect(await other.claim(await onlyEntry(other))).toEqual({ id: ID, fence: 2 });
});

describe('a disk that fails', () => {
  const broken = (code: string) => (): never => {
    throw Object.assign(new Error(code), { code });
  };

  test.each(['writeFileSync', 'fsyncSync', 'renameSync'] as const)(
    'rejects, and leaves no rubbish: %s',
    async (step) => {
      const folder = temporaryFolder();
      const journal = open(folder, { files: filesWith({ [step]: broken('ENOSPC') }) });
      await expect(journal.add(ID, 'text')).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(namesIn(folder)).toEqual([]);
    },
  );

  test.each(['readdirSync', 'renameSync', 'utimesSync', 'unlinkSync', 'lstatSync'] as const)(
    'rejects what it cannot do: %s',
    async (step) => {
      const folder = temporaryFolder();
      const files = filesWith({});
      const journal = open(folder, { files });
      const claim = await journal.add(ID, 'text');
      Object.assign(files, { [step]: broken('EIO') });
      const methods = {
        readdirSync: () => journal.list(),
        renameSync: () => journal.release(claim),
        utimesSync: () => journal.renew(claim),
        unlinkSync: () => journal.remove(claim),
        lstatSync: () => journal.write(claim, 'again'),
      };
      await expect(methods[step]()).rejects.toMatchObject({ code: 'EIO' });
    },
  );

  test('leaves the old text where the new one cannot be put', async () => {
    const folder = temporaryFolder();
    const files = filesWith({});
    const journal = open(folder, { files });
    const claim = await journal.add(ID, 'old');
    Object.assign(files, { fsyncSync: broken('EIO') });
    await expect(journal.write(claim, 'new')).rejects.toMatchObject({ code: 'EIO' });
    expect(await onlyEntry(journal)).toMatchObject({ text: 'old' });
  });

  /** `fsync` of folders fails, and that of files does not. */
  const withFolderSync = (folder: string, code: string): ReturnType<typeof filesWith> => {
    const real = filesWith({});
    let opened = -1;
    return filesWith({
      openSync: (path, ...rest) => {
        const descriptor = real.openSync(path, ...rest);
        if (path === folder) opened = descriptor;
        return descriptor;
      },
      fsyncSync: (descriptor) => (descriptor === opened ? broken(code)() : real.fsyncSync(descriptor)),
    });
  };

  test.runIf(process.platform !== 'win32')('is told from a system that does not sync folders', async () => {
    const folder = temporaryFolder();
    await open(folder, { files: withFolderSync(folder, 'EINVAL') }).add(ID, 'text');
    const failing = open(folder, { files: withFolderSync(folder, 'EIO') });
    await expect(failing.add('another', 'text')).rejects.toMatchObject({ code: 'EIO' });
  });

  test('and a listing for somebody who may not take away what was left behind', async () => {
    const folder = temporaryFolder();
    const files = filesWith({
      readdirSync: (() => [`.${ID}.${'0'.repeat(12)}.tmp`]) as never,
      lstatSync: broken('EACCES'),
    });
    expect(await open(folder, { files }).list()).toEqual({ entries: [], unreadable: [] });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('on Windows', () => {
  const busy = (times: number): ReturnType<typeof filesWith> => {
    const real = filesWith({});
    let left = times;
    return filesWith({
      renameSync: (from, to) => {
        if (left-- > 0) throw Object.assign(new Error('busy'), { code: 'EPERM' });
        real.renameSync(from, to);
      },
    });
  };

  test('waits for a moment where a virus scanner has the file', async () => {
    const folder = temporaryFolder();
    await withPlatform('win32', () => open(folder, { files: busy(3) }).add(ID, 'text'));
    expect(await onlyEntry(open(folder))).toMatchObject({ text: 'text' });
  });

  test('but not for ever, and not elsewhere', async () => {
    const folder = temporaryFolder();
    const adding = withPlatform('win32', () => open(folder, { files: busy(1_000) }).add(ID, 'text'));
    await expect(adding).rejects.toMatchObject({ code: 'EPERM' });
    const elsewhere = withPlatform('linux', () => open(folder, { files: busy(1) }).add(ID, 'text'));
    await expect(elsewhere).rejects.toMatchObject({ code: 'EPERM' });
    expect(namesIn(folder)).toEqual([]);
  });

  test('does without a sync of the folder, which it has not', async () => {
    const folder = temporaryFolder();
    const synced: unknown[] = [];
    const real = filesWith({});
    const files = filesWith({
      openSync: (path, ...rest) => {
        synced.push(path);
        return real.openSync(path, ...rest);
      },
    });
    await withPlatform('win32', () => open(folder, { files }).add(ID, 'text'));
    expect(synced).not.toContain(folder);
  });
});
