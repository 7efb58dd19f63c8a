/**
 * `npm run simulate -- --runs 100000 --seed 1`: random operations, faults, stops and deaths of processes on a virtual clock, in
 * an order that fast-check chooses. What a run has broken is printed with `--seed` and `--path` to see it again.
 */
import { rmSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { bundle } from './simulate/bundle.mjs';
import { flags, groupBy, onExit } from './support/command.mjs';
import { table, seldom } from './simulate/counts.mjs';
import { replay, simulate } from './simulate/workers.mjs';

// `src`: another root of the sources, of a library that was broken on purpose. `count` goes on after violations, and tells them by kind.
const values = { path: undefined, processes: 2, src: undefined, count: false };
const { runs, seed, path, ...given } = flags({ runs: 1000, seed: randomInt(1, 1_000_000), ...values });
const { processes, src, count: isCounting } = given;
const startedAt = performance.now();
const file = await bundle({ src });
onExit(() => rmSync(file, { force: true }));

if (path !== undefined) {
  const { failures, history } = await replay(file, { seed, path });
  console.log(history.join('\n'));
  for (const failure of failures) console.log(`\n${failure.counterexample}\n\n${failure.message}`);
  if (failures.length === 0) console.log('\nNothing is wrong.');
  process.exitCode = failures.length === 0 ? 0 : 1;
} else {
  await all();
}

async function all() {
  const counts = new Map();
  const failures = [];
  let done = 0;
  let toldAt = startedAt;
  console.log(`seed ${seed}: ${runs} runs in ${processes} processes`);
  const onDone = (part) => {
    done += part.runs;
    for (const [key, count] of part.counts) counts.set(key, (counts.get(key) ?? 0) + count);
    failures.push(...part.failures);
    if (isCounting) for (const failure of part.failures) console.log(replayOf(failure));
    if (performance.now() - toldAt > 30_000) {
      toldAt = performance.now();
      console.log(`${done} runs, ${perSecond(done)} a second, ${failures.length} violations`);
    }
    return isCounting || failures.length === 0;
  };
  await simulate({ file, seed, runs, processes, task: { isCounting }, onDone });
  console.log(table(counts));
  console.log(`\n${done} runs, ${perSecond(done)} a second`);
  const rare = seldom(counts);
  console.log(rare.length === 0 ? 'Each was met more than 100 times.' : `Met 100 times or less: ${rare.join(', ')}`);
  tell(failures);
}

function replayOf({ seed: own, path: place }) {
  return `  npm run simulate -- --seed ${own} --path ${place}`;
}

function perSecond(done) {
  return Math.round((done * 1_000) / (performance.now() - startedAt));
}

function tell(failures) {
  console.log(`${failures.length} violations`);
  if (failures.length === 0) return;
  process.exitCode = 1;
  for (const [invariant, some] of groupBy(failures, (failure) => failure.invariant)) {
    console.log(`\n${invariant}: ${some.length}`);
    for (const { message, counterexample, ...place } of some.slice(0, isCounting ? 5 : 1)) {
      console.log(`\n${message}\n${replayOf(place)}`);
      if (!isCounting) console.log(counterexample);
    }
  }
}
