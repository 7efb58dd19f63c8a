import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { defaultJournalFolder } from '../../../src/node/journal/folder.js';
import { fileJournal } from '../../../src/node/journal/index.js';
import { ID, namesIn, open, temporaryFolder } from './harness.js';
import { withPlatform } from './platform.js';

afterEach(() => vi.unstubAllEnvs());

test('says which option is wrong', () => {
  expect(() => fileJournal({ leaseMs: 0 })).toThrow(RangeError);
  expect(() => fileJournal({ leaseMs: '1' as never })).toThrow(/`leaseMs` to be a finite number >= 1, got a string/);
  expect(() => fileJournal({ folder: '' })).toThrow(/`folder` to be a path that is not empty, got an empty string/);
  expect(() => fileJournal({ folder: 7 as never })).toThrow(/`folder` .* got `7` \(number\)/);
  expect(() => fileJournal({ file: 'x' } as never)).toThrow(/no `file`/);
});

test('has a lease of 30 s unless told otherwise', () => {
  expect(fileJournal().leaseMs).toBe(30_000);
  expect(fileJournal({ leaseMs: 5 }).leaseMs).toBe(5);
});

test('keeps its files where the platform keeps the state of programs', () => {
  vi.stubEnv('XDG_STATE_HOME', '');
  withPlatform('linux', () => {
    expect(defaultJournalFolder()).toBe(join(homedir(), '.local', 'state', 'genai-cancel', 'journal'));
    vi.stubEnv('XDG_STATE_HOME', '/state');
    expect(defaultJournalFolder()).toBe(join('/state', 'genai-cancel', 'journal'));
  });
  withPlatform('darwin', () => expect(defaultJournalFolder()).toMatch(/Application Support.genai-cancel.journal$/));
  vi.stubEnv('LOCALAPPDATA', '/local');
  withPlatform('win32', () => expect(defaultJournalFolder()).toBe(join('/local', 'genai-cancel', 'Data', 'journal')));
});

test('writes into the default folder', async () => {
  const home = temporaryFolder();
  vi.stubEnv('XDG_STATE_HOME', home);
  vi.stubEnv('LOCALAPPDATA', home);
  if (process.platform === 'darwin') return;
  await fileJournal().add(ID, 'text');
  expect(namesIn(defaultJournalFolder())).toHaveLength(1);
});

test('a folder that is given relative to the working directory stays the same when that changes', async () => {
  const folder = temporaryFolder();
  const journal = fileJournal({ folder: relative(process.cwd(), folder) });
  const cwd = process.cwd();
  // One level deeper than where we are: `..` leads elsewhere from there.
  const deeper = join(temporaryFolder(), ...cwd.split(sep));
  mkdirSync(deeper, { recursive: true });
  process.chdir(deeper);
  try {
    await journal.add(ID, 'text');
  } finally {
    process.chdir(cwd);
  }
  expect((await open(folder).list()).entries).toHaveLength(1);
});

test('a folder that is not there is an empty journal, and is not made to look into it', async () => {
  const folder = temporaryFolder();
  const journal = fileJournal({ folder: join(folder, 'deep', 'down') });
  expect(await journal.list()).toEqual({ entries: [], unreadable: [] });
  const claim = { id: ID, fence: 1 };
  expect(await journal.write(claim, 'text')).toBe(false);
  expect(await journal.renew(claim)).toBe(false);
  expect(await journal.release(claim)).toBe(false);
  expect(await journal.remove(claim)).toBe(false);
  expect(await journal.claim({ ...claim, text: 'text', isOrphan: true, renewedAt: 0 })).toBeUndefined();
  expect(namesIn(folder)).toEqual([]);
});
