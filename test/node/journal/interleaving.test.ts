import { describe, expect, test } from 'vitest';
import type { JournalClaim, JournalEntry } from '../../../src/api/journal.js';
import type { FolderJournal } from '../../../src/node/journal/file-journal.js';
import { elsewhere, expireLease, ID, onlyEntry, open, temporaryFolder } from './harness.js';
import { createInterruptible } from './interruptible.js';

/** Two processes and an entry that one of them owns, with a lease that has run out. */
interface Scene {
  readonly folder: string;
  readonly owner: FolderJournal;
  readonly claim: JournalClaim;
  readonly other: FolderJournal;
  /** The entry as it was before all this. */
  readonly listed: JournalEntry;
}

type Act = (scene: Scene) => Promise<unknown>;
type Check = (scene: Scene, result: unknown, interruption: unknown) => Promise<void>;

/** Lets `interruption` happen at each point between two steps of `act`, in a new scene each time, until there are no more. */
async function atEachStep(interrupted: 'owner' | 'other', act: Act, interruption: Act, check: Check): Promise<void> {
  for (let step = 0; ; step++) {
    const { files, interrupt } = createInterruptible();
    const folder = temporaryFolder();
    const owner = open(folder, { machine: elsewhere(), ...(interrupted === 'owner' && { files }) });
    const other = open(folder, { machine: elsewhere(), ...(interrupted === 'other' && { files }) });
    const claim = await owner.add(ID, 'listed');
    expireLease(folder, ID);
    const scene = { folder, owner, claim, other, listed: await onlyEntry(other) };
    let interrupting: Promise<unknown> | undefined;
    interrupt(step, () => {
      interrupting = interruption(scene);
    });
    const result = await act(scene);
    if (interrupting === undefined) {
      expect(step).toBeGreaterThan(0);
      return;
    }
    interrupt(-1, () => undefined);
    await check(scene, result, await interrupting);
  }
}

const claim: Act = ({ other, listed }) => other.claim(listed);
const CLAIMED = { id: ID, fence: 2 };

/** Checks that the entry belongs to those who were told so, with the text that they know, and to no one else. */
async function checkOwner({ owner, claim: old, other }: Scene, isKept: boolean, taken: unknown): Promise<void> {
  const { entries, unreadable } = await other.list();
  expect([entries.length, unreadable]).toEqual([1, []]);
  if (isKept) {
    expect(taken).toBeUndefined();
    expect(entries).toMatchObject([{ fence: 1, isOrphan: false }]);
  } else {
    expect(await owner.write(old, 'too late')).toBe(false);
    if (taken === undefined) expect(entries).toMatchObject([{ fence: 2, isOrphan: true }]);
    else expect(entries).toMatchObject([{ fence: 2, isOrphan: false, text: 'listed' }]);
  }
}

describe('a late owner and somebody who claims', () => {
  test('the owner is overtaken in the middle of a write', async () => {
    await atEachStep(
      'owner',
      ({ owner, claim: ours }) => owner.write(ours, 'new'),
      claim,
      async (scene, isKept, taken) => {
        expect(taken === undefined).toBe(isKept);
        await checkOwner(scene, isKept === true, taken);
        if (isKept === true) expect(await onlyEntry(scene.other)).toMatchObject({ text: 'new' });
      },
    );
  });

  test('the owner writes in the middle of a claim', async () => {
    const write: Act = ({ owner, claim: ours }) => owner.write(ours, 'new');
    await atEachStep('other', claim, write, async (scene, taken, isWritten) => {
      // Written in the last moment, the entry is nobody's: what would be claimed is not what was listed.
      const { fence, text } = await onlyEntry(scene.other);
      if (taken === undefined) expect(text).toBe('new');
      await checkOwner(scene, isWritten === true && fence === 1, taken);
    });
  });

  test.each(['renew', 'release', 'remove'] as const)('the owner is overtaken in the middle of %s()', async (method) => {
    await atEachStep(
      'owner',
      ({ owner, claim: ours }) => owner[method](ours),
      claim,
      async (scene, isDone, taken) => {
        expect([isDone, taken]).toEqual([false, CLAIMED]);
        await checkOwner(scene, false, taken);
      },
    );
  });

  test('the owner releases in the middle of a claim', async () => {
    const release: Act = ({ owner, claim: ours }) => owner.release(ours);
    await atEachStep('other', claim, release, async ({ owner }, taken, isReleased) => {
      if (isReleased === false) expect(taken).toEqual(CLAIMED);
      expect(await onlyEntry(owner)).toMatchObject(taken === undefined ? { fence: 1, isOrphan: true } : CLAIMED);
    });
  });

  test('the owner removes in the middle of a claim', async () => {
    const remove: Act = ({ owner, claim: ours }) => owner.remove(ours);
    await atEachStep('other', claim, remove, async ({ owner }, taken, isRemoved) => {
      expect(taken).toEqual(isRemoved === true ? undefined : CLAIMED);
      expect((await owner.list()).entries).toHaveLength(isRemoved === true ? 0 : 1);
    });
  });

  test('the one who claims gives it up while the former owner writes', async () => {
    const claimAndRelease: Act = async ({ other, listed }) => {
      // Both in one turn: the methods do all they do before they return.
      const [claiming] = [other.claim(listed), other.release(CLAIMED)];
      return claiming;
    };
    await atEachStep(
      'owner',
      ({ owner, claim: ours }) => owner.write(ours, 'new'),
      claimAndRelease,
      async (scene, isKept, taken) => {
        if (isKept === true) expect(taken).toBeUndefined();
        else expect(await onlyEntry(scene.owner)).toMatchObject({ fence: 2, isOrphan: true, text: 'listed' });
      },
    );
  });
});

test('of two who claim, one in the middle of the other, one gets it', async () => {
  const third: Act = ({ folder, listed }) => open(folder, { machine: elsewhere() }).claim(listed);
  await atEachStep('other', claim, third, async ({ owner }, first, second) => {
    const taken = [first, second].filter((result) => result !== undefined);
    expect(taken).toEqual([CLAIMED]);
    expect(await onlyEntry(owner)).toMatchObject({ fence: 2, isOrphan: false, text: 'listed' });
  });
});

test('of two who add the same id, one in the middle of the other, not both get it', async () => {
  const add = (journal: FolderJournal): Promise<string> =>
    journal.add('new', 'text').then(
      () => 'added',
      (error: unknown) => String(error),
    );
  await atEachStep(
    'other',
    ({ other }) => add(other),
    ({ owner }) => add(owner),
    async ({ owner }, first, second) => {
      const results = [first, second];
      const added = results.filter((result) => result === 'added').length;
      expect(results.filter((result) => String(result).includes('There is an entry new already.'))).toHaveLength(
        2 - added,
      );
      const { entries, unreadable } = await owner.list();
      expect(entries.filter(({ id }) => id === 'new')).toHaveLength(added);
      expect(unreadable).toEqual([]);
    },
  );
});

test('whoever lists in the middle of anything sees a whole text, or nothing', async () => {
  const acts: Act[] = [
    ({ owner, claim: ours }) => owner.write(ours, 'new'),
    ({ owner, claim: ours }) => owner.release(ours),
    ({ owner, claim: ours }) => owner.remove(ours),
  ];
  for (const act of acts) {
    await atEachStep(
      'owner',
      act,
      ({ other }) => other.list(),
      async (_, __, listing) => {
        const { entries, unreadable } = listing as Awaited<ReturnType<FolderJournal['list']>>;
        expect(unreadable).toEqual([]);
        expect(['listed', 'new']).toContain(entries[0]?.text);
        await Promise.resolve();
      },
    );
    await atEachStep(
      'other',
      ({ other }) => other.list(),
      act,
      async (_, listing) => {
        const { entries, unreadable } = listing as Awaited<ReturnType<FolderJournal['list']>>;
        expect(unreadable).toEqual([]);
        expect(['listed', 'new', undefined]).toContain(entries[0]?.text);
        await Promise.resolve();
      },
    );
  }
});
