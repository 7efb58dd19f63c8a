/**
 * `npm run simulate:selftest`: puts known bugs into the library, one at a time and in memory only, and simulates until each is
 * found. Exit code 1 if one is not.
 */
import { rmSync } from 'node:fs';
import { bugs } from './simulate/bugs.mjs';
import { bundle } from './simulate/bundle.mjs';
import { replay, simulate } from './simulate/workers.mjs';
import { flags, onExit } from './support/command.mjs';

// `only`: the bugs whose name has this in it.
const { runs, seed, processes, src, only } = flags({ runs: 3_000, seed: 1, processes: 2, src: undefined, only: '' });

const sound = await bundle({ src, name: 'sound' });
onExit(() => rmSync(sound, { force: true }));

/** The first run that shows it, counted over all processes, or `undefined`. What is also wrong without the bug proves nothing. */
async function find(patches) {
  const file = await bundle({ src, name: 'selftest', patches });
  let done = 0;
  let found;
  const onDone = async (part) => {
    done += part.runs;
    for (const failure of part.failures) {
      const { failures } = await replay(sound, { seed: failure.seed, path: failure.path });
      if (failures.length === 0) found ??= { runs: done, failure };
    }
    return found === undefined;
  };
  try {
    await simulate({ file, seed, runs, processes, task: { isCounting: true, isOneEnough: true }, onDone });
    return found;
  } finally {
    rmSync(file, { force: true });
  }
}

const missed = [];
for (const { name, patches } of bugs.filter((bug) => bug.name.includes(only))) {
  const found = await find(patches);
  if (found === undefined) missed.push(name);
  const result = found === undefined ? `not in ${runs} runs` : `after ${found.runs} runs`;
  console.log(`${result.padStart(20)}  ${name}`);
  if (found !== undefined) console.log(`${' '.repeat(22)}${found.failure.message.slice(0, 180)}`);
}
console.log(missed.length === 0 ? '\nAll were found.' : `\nNot found: ${missed.join('; ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;
