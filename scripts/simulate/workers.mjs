import { fork } from 'node:child_process';

/** How many runs have one seed: small enough to be shared out evenly, and for a failure to be found by its number. */
const RUNS_A_SEED = 250;

/** Errors are made by the thousand, and nothing lives for longer than a run. */
const FLAGS = ['--stack-trace-limit=5', '--max-semi-space-size=64'];

/** The seeds of so many runs: the same ones however many processes share them. */
function* seedsOf(seed, runs) {
  for (let position = 0; position * RUNS_A_SEED < runs; position++) {
    yield { seed: (seed * 1_000_003 + position) | 0, runs: Math.min(RUNS_A_SEED, runs - position * RUNS_A_SEED) };
  }
}

/**
 * Runs so many simulations in so many processes. Calls `onDone` with what each of the parts has come to, and stops when that
 * comes to `false`.
 */
export async function simulate({ file, seed, runs, processes, task = {}, onDone }) {
  const parts = seedsOf(seed, runs);
  let isOver = false;
  const work = async () => {
    const worker = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: FLAGS });
    try {
      for (const part of parts) {
        if (isOver) break;
        const done = await ask(worker, { ...part, ...task });
        if ((await onDone({ ...done, seed: part.seed })) === false) isOver = true;
      }
    } finally {
      worker.kill();
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
}

/** One run again, with all that happened in it. */
export async function replay(file, task) {
  const worker = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    return await ask(worker, { ...task, runs: 1, isTracing: true });
  } finally {
    worker.kill();
  }
}

function ask(worker, task) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`A simulating process ended with ${code}, at ${JSON.stringify(task)}.`));
    worker.once('exit', onExit);
    worker.once('message', (done) => {
      worker.off('exit', onExit);
      resolve(done);
    });
    worker.send(task);
  });
}
