import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDiary } from './diaries.mjs';
import { PHASES, phasesOf, seenByServer } from './phases.mjs';
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
  const battle = {
    processes: [],
    phases: new Map(PHASES.map((phase) => [phase, 0])),
    kills: 0,
    recoverers: 0,
    recoverersKilled: 0,
  };
  const recovering = new Set();
  let started = 0;
  let untilRecovery = random.between(2, 6);

  const lane = async () => {
    while (started < kills) {
      await killOne(stage, battle, `c${++started}`);
      if (battle.kills % 50 === 0) console.error(`  ${battle.kills} killed, ${stage.server.meter.jobs.length} jobs`);
      if (--untilRecovery > 0) continue;
      untilRecovery = random.between(2, 6);
      for (let count = random.chance(0.3) ? 2 : 1; count > 0 && recovering.size < MAX_RECOVERERS; count--) {
        void recover(stage, battle, `r${++battle.recoverers}`, recovering);
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  // What they are busy with is left behind, too.
  const killed = [...recovering].map((recoverer) => recoverer.kill());
  battle.recoverersKilled += killed.length;
  await Promise.all(killed);
  return battle;
}

async function killOne({ seed, server, given, folders, look }, battle, name) {
  const random = createRandom(`${seed} kill ${name}`);
  const child = startProcess('child.mjs', { ...given, name });
  child.isEndless = true;
  battle.processes.push(child);
  await untilTheMoment(child, random, server);
  if (child.hasEnded) return;
  const { isReady } = child;
  const seen = seenByServer(server, name);
  await child.kill();
  battle.kills++;
  // Somebody may recover already what it has left: this is a count, not a check.
  const records = new Map((await look()).operations.map(({ record }) => [record.id, record]));
  const operations = [...readDiary(folders.diaries, name).operations.values()];
  const delivered = readdirSync(folders.output);
  const deliveredOf = (id) => delivered.filter((file) => file.startsWith(`${id}.`)).length;
  const phases = phasesOf({ isReady, seen, operations, records, deliveredOf });
  for (const phase of phases) battle.phases.set(phase, battle.phases.get(phase) + 1);
}

/** A moment by the clock, or right after something has happened on the server. */
async function untilTheMoment(child, random, server) {
  const over = new AbortController();
  void child.ended.then(() => over.abort());
  const wait = (ms) => sleep(ms * pace, undefined, { signal: over.signal }).catch(() => undefined);
  const until = (isSo) => server.until(isSo, LIFE_MS * pace, over);
  let pace = 1;
  const { name } = child;
  const count = random.between(1, 5);
  const afterMs = random.between(0, 15);
  const when = random.pick([
    [4, 'start'],
    [10, 'early'],
    [16, 'soon'],
    [34, 'late'],
    [8, 'create'],
    [8, 'answer'],
    [8, 'cancel'],
    [12, 'end'],
  ]);
  const moments = {
    start: () => wait(random.between(0, 200)),
    early: () => wait(random.between(0, 150)),
    soon: () => wait(random.between(150, 700)),
    late: () => wait(random.between(700, LIFE_MS)),
    create: () => until(() => server.createsOf(name).length >= count),
    answer: () => until(() => server.createsOf(name).filter(({ request }) => request.status === 200).length >= count),
    cancel: () => until(() => server.cancelsOf(name).length >= Math.min(count, 2)),
    end: () => until(() => server.jobsOf(name).filter(({ endReason }) => endReason === 'completed').length >= count),
  };
  if (when !== 'start') {
    await child.ready;
    // On a machine that has other things to do everything takes longer: so it does not all end before it has begun.
    pace = Math.min(2.5, Math.max(1, (Date.now() - child.startedAt) / USUAL_START_MS));
  }
  await moments[when]();
  if (['create', 'answer', 'cancel', 'end'].includes(when)) await wait(afterMs);
  over.abort();
}

/** One that recovers: by either policy, and sometimes it is killed in the middle of it. */
async function recover({ seed, given }, battle, name, recovering) {
  const random = createRandom(`${seed} recover ${name}`);
  const recoverer = startProcess('recoverer.mjs', {
    ...given,
    name,
    policy: random.chance(0.55) ? 'attach' : 'cancel',
    timeoutMs: random.between(300, 4_000),
    ...(random.chance(0.3) ? { cancelTimeoutMs: random.between(50, 600) } : {}),
    ...(random.chance(0.2) ? { limit: random.between(1, 8) } : {}),
    forgets: random.chance(0.8),
  });
  battle.processes.push(recoverer);
  recovering.add(recoverer);
  void recoverer.ended.then(() => recovering.delete(recoverer));
  if (!random.chance(0.45)) return;
  const afterMs = random.chance(0.5) ? random.between(0, 120) : random.between(120, 2_500);
  await recoverer.ready;
  await Promise.race([sleep(afterMs), recoverer.ended]);
  if (recoverer.hasEnded) return;
  await recoverer.kill();
  battle.recoverersKilled++;
}
