import { setTimeout as sleep } from 'node:timers/promises';
import { LONG_MS } from './faults.mjs';
import { startProcess } from './processes.mjs';
import { createRandom } from './random.mjs';

/** Nobody lives longer after it was ready. */
const LIFE_MS = 2_200;
/** How long a process takes to be ready, where it has a processor for itself. */
const USUAL_START_MS = 400;
/** More recoverers at once would only take turns. */
const MAX_RECOVERERS = 6;

/** Starts processes and kills them, so many at a time, while others recover what they leave behind. */
export async function runKills(stage) {
  const { seed, kills, parallel } = stage;
  const random = createRandom(`${seed} kills`);
  const recovering = new Set();
  let [started, killed, recoverers] = [0, 0, 0];
  let untilRecovery = random.between(2, 6);

  const lane = async () => {
    while (started < kills) {
      await killOne(stage, `c${++started}`);
      if (++killed % 50 === 0) console.error(`  ${killed} killed`);
      if (--untilRecovery > 0) continue;
      untilRecovery = random.between(2, 6);
      for (let count = random.chance(0.3) ? 2 : 1; count > 0 && recovering.size < MAX_RECOVERERS; count--) {
        void recover(stage, `r${++recoverers}`, recovering);
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  // The recoveries that they are busy with are left behind, too.
  await Promise.all([...recovering].map((recoverer) => recoverer.kill()));
}

async function killOne({ seed, server, given }, name) {
  const child = startProcess('child.mjs', { ...given, name });
  await untilTheMoment(child, createRandom(`${seed} kill ${name}`), server);
  if (!child.hasEnded) await child.kill();
}

/** A moment by the clock, or right after something has happened on the server. */
async function untilTheMoment(child, random, server) {
  const over = new AbortController();
  void child.ended.then(() => over.abort());
  const wait = (ms) => sleep(ms * pace, undefined, { signal: over.signal }).catch(() => undefined);
  const callsThat = (are) => server.callsOf(child.pid).filter(are).length;
  let pace = 1;
  const count = random.between(1, 5);
  const afterMs = random.between(0, 15);
  const { isStarting, isSo, ms } = random.pick([
    [4, { isStarting: true, ms: random.between(0, 200) }],
    [10, { ms: random.between(0, 150) }],
    [16, { ms: random.between(150, 700) }],
    [34, { ms: random.between(700, LIFE_MS) }],
    [8, { isSo: () => callsThat(isCreate) >= count }],
    [8, { isSo: () => callsThat((call) => isCreate(call) && call.record?.status === 200) >= count }],
    [8, { isSo: () => callsThat(({ route }) => route.endsWith('cancel')) >= Math.min(count, 2) }],
    [12, { isSo: () => server.jobsOf(child.pid).filter((job) => job.made().length > 0).length >= count }],
  ]);
  if (!isStarting) {
    await child.ready;
    // On a machine that has other things to do everything takes longer: so it does not all end before it has begun.
    pace = Math.min(2.5, Math.max(1, (Date.now() - child.startedAt) / USUAL_START_MS));
  }
  if (isSo !== undefined) await Promise.race([server.until(isSo, over.signal), wait(LIFE_MS)]);
  await wait(ms ?? afterMs);
  over.abort();
}

const isCreate = ({ route }) => route.endsWith('create') || route === 'generateContent';

/** One that recovers: by either policy, and sometimes it is killed in the middle of it. */
async function recover({ seed, given }, name, recovering) {
  const random = createRandom(`${seed} recover ${name}`);
  const recoverer = startProcess('recoverer.mjs', {
    ...given,
    policy: random.chance(0.55) ? 'attach' : 'cancel',
    timeoutMs: random.between(300, 4_000),
    ...(random.chance(0.3) && { cancelTimeoutMs: random.between(50, 600) }),
    ...(random.chance(0.2) && { limit: random.between(1, 8) }),
    forgets: random.chance(0.8),
  });
  recovering.add(recoverer);
  void recoverer.ended.then(() => recovering.delete(recoverer));
  if (!random.chance(0.45)) return;
  const afterMs = random.chance(0.5) ? random.between(0, 120) : random.between(120, 2_500);
  await recoverer.ready;
  await Promise.race([sleep(afterMs), recoverer.ended]);
  if (!recoverer.hasEnded) await recoverer.kill();
}

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
