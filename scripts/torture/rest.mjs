import { setTimeout as sleep } from 'node:timers/promises';
import { LONG_MS } from './faults.mjs';
import { startProcess } from './processes.mjs';
import { createRandom } from './random.mjs';

const LIMIT_MS = 90_000;
const ROUNDS = 6;
/** A process that has attached to a job cancels it after this time. */
const PATIENCE_MS = 3_000;

/** Nobody is killed any more: what is left is recovered until only doubts are left. Resolves to what is wrong when the server is idle. */
export async function recoverTheRest({ seed, server, given, look }) {
  const random = createRandom(`${seed} rest`);
  const wrong = [];
  const policies = [random.chance(0.5) ? 'cancel' : 'attach', 'attach'];
  for (let round = 1; round <= ROUNDS; round++) {
    const { operations } = await look();
    // A job that was cancelled by its name stays in the record of its operation, beside a sibling in doubt.
    const isLeft = ({ name, state }) => name !== undefined && state !== 'cancelled';
    if (round > 1 && !operations.some(({ record }) => record.jobs.some(isLeft))) break;
    if (round === ROUNDS) wrong.push(`After ${ROUNDS - 1} rounds there is still something to recover.`);
    // Two at once in the first round: what each of them takes is its own.
    const some = round > 1 ? ['attach'] : policies;
    wrong.push(...(await Promise.all(some.map(recover))).flat());
  }
  // Jobs without a name, or with a lost one, end by themselves, except for those that never end.
  const isSoonOver = ({ workMs, createdAt }) => workMs < LONG_MS && Date.now() - createdAt < 20_000;
  for (let left = 100; left > 0 && server.world.meter.running().some(isSoonOver); left--) await sleep(100);
  return wrong;

  async function recover(policy) {
    const recoverer = startProcess('recoverer.mjs', { ...given, policy, timeoutMs: PATIENCE_MS, forgets: false });
    await Promise.race([recoverer.ended, sleep(LIMIT_MS, undefined, { ref: false })]);
    if (recoverer.hasEnded) return [];
    await recoverer.kill();
    return [`A recoverer (${policy}) did not end within ${LIMIT_MS / 1_000} s.`];
  }
}
