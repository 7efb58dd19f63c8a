import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { JournalClaim } from '../../../src/api/journal.js';
import { elsewhere, expireLease, open, temporaryFolder } from '../../node/journal/harness.js';
import { nextLine, runFixture, type Child } from './child.js';

const RACERS = 6;
const ORPHANS = 40;
const ROUNDS = 5;

interface Answer {
  readonly orphans: number;
  readonly got: readonly JournalClaim[];
}

async function tellAll(racers: readonly Child[], line: string): Promise<Answer[]> {
  for (const { tell } of racers) tell(line);
  return Promise.all(racers.map(async (racer) => JSON.parse(await nextLine(racer)) as Answer));
}

/** Each makes orphans of another kind. */
const KINDS: Record<string, (folder: string) => Promise<void>> = {
  'that were released': async (folder) => {
    const owner = open(folder);
    for (let index = 1; index <= ORPHANS; index++) await owner.release(await owner.add(`held-${index}`, 'text'));
  },
  'whose lease has run out': async (folder) => {
    const owner = open(folder, { machine: elsewhere() });
    for (let index = 1; index <= ORPHANS; index++) {
      await owner.add(`held-${index}`, 'text');
      expireLease(folder, `held-${index}`);
    }
  },
  'of a process that was killed': async (folder) => {
    const owner = runFixture('hold', folder, String(ORPHANS), 'now');
    await owner.ended;
    // The lease decides on systems that cannot tell whether the process is gone.
    if (process.platform !== 'linux')
      for (let index = 1; index <= ORPHANS; index++) expireLease(folder, `held-${index}`);
  },
};

test.each(Object.keys(KINDS))(
  `${RACERS} processes claim the same ${ORPHANS} orphans %s: each is claimed once`,
  async (kind) => {
    const folder = temporaryFolder();
    const racers = Array.from({ length: RACERS }, () => runFixture('claim', folder));
    for (let round = 0; round < ROUNDS; round++) {
      await KINDS[kind]?.(folder);
      for (const { orphans } of await tellAll(racers, 'list')) expect(orphans).toBe(ORPHANS);
      const got = (await tellAll(racers, 'claim')).flatMap((answer) => answer.got);
      expect(got.map(({ id }) => id).sort()).toEqual(
        Array.from({ length: ORPHANS }, (_, index) => `held-${index + 1}`).sort(),
      );
      const { entries, unreadable } = await open(folder).list();
      expect(unreadable).toEqual([]);
      expect(entries.map(({ fence, isOrphan }) => [fence, isOrphan])).toEqual(Array(ORPHANS).fill([2, false]));
      rmSync(folder, { recursive: true });
    }
  },
);
