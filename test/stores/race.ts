import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { JournalClaim } from '../../src/api/journal.js';

const ROUNDS = 200;
const IDS = Array.from({ length: 20 }, (_, index) => `orphan-${String(index).padStart(2, '0')}`);
const RACER = fileURLToPath(new URL('racer.mjs', import.meta.url));
const BUILD = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** Makes orphans of all entries, without their owners. */
export type ExpireAll = () => Promise<void>;

/**
 * Two processes claim the same 20 orphans, at the same moment, 200 times over: each orphan has to go to exactly one. They
 * become orphans again by release, and in every second round by a lease that has run out, where that can be had.
 */
export async function race(journal: object, expireAll?: ExpireAll): Promise<void> {
  const racers = [await startRacer(journal), await startRacer(journal)] as const;
  const total = [0, 0];
  await racers[0].ask('fill', { ids: IDS });
  for (let round = 1; round <= ROUNDS; round++) {
    for (const listed of await askAll(racers, 'look')) expect(listed, `round ${round}`).toEqual(IDS);
    const won = (await raceOnce(racers, round)) as JournalClaim[][];
    expect(
      won
        .flat()
        .map(({ id }) => id)
        .sort(),
      `claimed in round ${round}`,
    ).toEqual(IDS);
    expect(new Set(won.flat().map(({ fence }) => fence)), `fences of round ${round}`).toEqual(new Set([round + 1]));
    won.forEach(({ length }, index) => (total[index] = (total[index] ?? 0) + length));
    if (expireAll !== undefined && round % 2 === 0) await expireAll();
    else expect(await askAll(racers, 'release')).toEqual(won.map(({ length }) => length));
  }
  expect(total[0]).toBeGreaterThan(0);
  expect(total[1]).toBeGreaterThan(0);
  console.log(`${ROUNDS} rounds of ${IDS.length} orphans: ${total.join(' + ')} claims.`);
}

/** Each one first in turn; in the same order, one by one or all at once, and from both ends. */
async function raceOnce(racers: readonly Racer[], round: number): Promise<unknown[]> {
  const atOnce = round % 4 < 2;
  const isTurned = round % 3 === 0;
  const order = round % 2 === 0 ? racers : racers.toReversed();
  const won = await Promise.all(
    order.map((racer, index) => racer.ask('race', { atOnce, backwards: isTurned && index === 1 })),
  );
  return round % 2 === 0 ? won : won.reverse();
}

function askAll(racers: readonly Racer[], order: string): Promise<unknown[]> {
  return Promise.all(racers.map((racer) => racer.ask(order)));
}

interface Racer {
  readonly ask: (order: string, details?: object) => Promise<unknown>;
}

async function startRacer(journal: object): Promise<Racer> {
  if (!existsSync(BUILD)) throw new Error('The racers run the build: npm run build');
  const child = fork(RACER, [JSON.stringify(journal)], { execArgv: [] });
  onTestFinished(() => void child.kill());
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A racer ended with ${code}.`);
  });
  ended.catch(() => undefined);
  const answer = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ answer?: unknown; problem?: string }];
    if (message.problem !== undefined) throw new Error(message.problem);
    return message.answer;
  };
  await answer();
  return {
    ask: (order, details = {}) => {
      const answered = answer();
      child.send({ order, ...details });
      return answered;
    },
  };
}
