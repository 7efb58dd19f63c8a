import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordingDisk, type DiskState } from './disk.js';
import { onlyEntry, open, temporaryFolder } from './harness.js';

/** The text and fence of an entry that somebody was told of; `undefined` when it was removed. */
type Known = { readonly text: string; readonly fence: number } | undefined;
type Knowledge = Readonly<Record<string, Known>>;

interface Recording {
  readonly disk: RecordingDisk;
  readonly top: string;
  readonly folder: string;
  /** After how many steps of the disk what was known: resolved calls only. */
  readonly marks: { readonly length: number; readonly known: Knowledge }[];
}

/** Every method at work, by two processes, the second of which takes over what the first releases. */
async function record(deaf?: 'files' | 'folders'): Promise<Recording> {
  const disk = new RecordingDisk(deaf);
  const top = temporaryFolder();
  const folder = join(top, 'state', 'journal');
  const [one, two] = [open(folder, { files: disk.files }), open(folder, { files: disk.files })];
  const marks: Recording['marks'] = [{ length: 0, known: {} }];
  const told = (known: Knowledge): unknown =>
    marks.push({ length: disk.length, known: { ...marks.at(-1)?.known, ...known } });

  const a = await one.add('a', 'a: first');
  told({ a: { text: 'a: first', fence: 1 } });
  await one.write(a, 'a: second');
  told({ a: { text: 'a: second', fence: 1 } });
  await one.write(a, 'a: third');
  told({ a: { text: 'a: third', fence: 1 } });
  await one.renew(a);
  await one.release(a);
  told({});
  const b = await one.add('b', 'b: first');
  told({ b: { text: 'b: first', fence: 1 } });
  await one.remove(b);
  told({ b: undefined });
  const [listed] = (await two.list()).entries;
  const taken = listed && (await two.claim(listed));
  told({ a: { text: 'a: third', fence: 2 } });
  if (taken === undefined) throw new Error('It was not claimed.');
  await two.write(taken, 'a: fourth');
  told({ a: { text: 'a: fourth', fence: 2 } });
  await two.remove(taken);
  told({ a: undefined });
  await two.release(await two.add('a', 'a: again'));
  told({ a: { text: 'a: again', fence: 1 } });
  return { disk, top, folder, marks };
}

/** Puts what a power cut left where a journal can be opened on it. Names below a folder that is lost are lost as well. */
function restore(state: DiskState, from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  const isLost = (path: string): boolean => path !== from && (!state.has(path) || isLost(dirname(path)));
  for (const [path, bytes] of [...state].sort()) {
    if (isLost(path)) continue;
    const target = path.replace(from, to);
    if (bytes === undefined) mkdirSync(target);
    else writeFileSync(target, bytes);
  }
}

/** Lists what is wrong with the entries that a journal finds. `before` was known, and `after` was about to be. */
async function problems(
  folder: string,
  before: Knowledge,
  after: Knowledge,
  texts: readonly string[],
): Promise<string[]> {
  const { entries, unreadable } = await open(folder).list();
  // A superseded entry is whole: it was removed and has come back, and another one has its id by now.
  const broken = unreadable.filter(({ problem }) => !problem.startsWith('Superseded'));
  const found = broken.map(({ place, problem }) => `${place}: ${problem}`);
  for (const { id, text } of entries) if (!texts.includes(text)) found.push(`${id} has the text ${text}`);
  for (const [id, known] of Object.entries(before)) {
    const entry = entries.find((each) => each.id === id);
    const next = after[id];
    // A removed entry may come back: it is a record of a job that is over.
    if (known === undefined || next === undefined) continue;
    if (entry === undefined) found.push(`${id} is lost`);
    else if (![known, next].some(({ text, fence }) => entry.text === text && entry.fence === fence)) {
      found.push(`${id} is ${entry.text} with fence ${entry.fence}`);
    }
  }
  return found;
}

/** Cuts the power after each step, opens a journal on everything that this may leave, and says what is wrong with that. */
async function* cutPower({ disk, top, folder, marks }: Recording): AsyncGenerator<string[]> {
  const to = join(temporaryFolder(), 'after');
  const texts = marks.flatMap(({ known }) => Object.values(known)).map((known) => known?.text ?? '');
  for (let length = 0; length <= disk.length; length++) {
    const before = marks.findLast((mark) => mark.length <= length)?.known ?? {};
    const after = marks.find((mark) => mark.length > length)?.known ?? before;
    for (const state of disk.statesAfter(length)) {
      restore(state, top, to);
      yield await problems(folder.replace(top, to), before, after, texts);
    }
  }
}

test('whatever a power cut leaves is whole, and all there that somebody was told of', { timeout: 60_000 }, async () => {
  let states = 0;
  for await (const found of cutPower(await record())) {
    expect(found).toEqual([]);
    states++;
  }
  expect(states).toBeGreaterThan(200);
});

test.each([
  ['files', /It is empty|has the text/],
  ['folders', /is lost/],
] as const)(
  'these power cuts are real: without the sync of %s something is wrong',
  { timeout: 60_000 },
  async (deaf, problem) => {
    for await (const found of cutPower(await record(deaf))) {
      if (problem.test(found.join('\n'))) return;
    }
    expect.unreachable();
  },
);

test('the recording is of all methods', async () => {
  const { folder } = await record();
  expect(await onlyEntry(open(folder))).toMatchObject({ id: 'a', text: 'a: again', isOrphan: true });
});
