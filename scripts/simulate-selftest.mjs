/**
 * `npm run simulate:selftest`: puts known bugs into the library, one at a time and in memory only, and simulates until each is
 * found. Exit code 1 if one is not.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bugs } from './simulate/bugs.mjs';
import { bundle } from './simulate/bundle.mjs';
import { replay, simulate } from './simulate/workers.mjs';
import { onExit } from './support/command.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: '2' },
    src: { type: 'string' },
    // Only the bugs whose name has this in it.
    only: { type: 'string', default: '' },
  },
});
const [runs, seed, processes] = [values.runs, values.seed, values.processes].map(Number);
const options = values.src === undefined ? {} : { src: values.src };

const sound = await bundle({ ...options, name: 'sound' });
onExit(() => rmSync(sound, { force: true }));

/** The first run that shows it, counted over all processes, or `undefined`. What is also wrong without the bug proves nothing. */
async function find(patches) {
  const file = await bundle({ ...options, name: 'selftest', patches });
  let done = 0;
  let found;
  try {
    await simulate({
      file,
      seed,
      runs,
      processes,
      task: { isCounting: true, isOneEnough: true },
      onDone: async (part) => {
        done += part.runs;
        for (const failure of part.failures) {
          const { failures } = await replay(sound, { seed: failure.seed, path: failure.path });
          if (failures.length === 0) found ??= { runs: done, failure };
        }
        return found === undefined;
      },
    });
    return found;
  } finally {
    rmSync(file, { force: true });
  }
}

const missed = [];
for (const { name, patches } of bugs.filter((bug) => bug.name.includes(values.only))) {
  const found = await find(patches);
  if (found === undefined) missed.push(name);
  const result = found === undefined ? `not in ${runs} runs` : `after ${found.runs} runs`;
  console.log(`${result.padStart(20)}  ${name}`);
  if (found !== undefined) console.log(`${' '.repeat(22)}${found.failure.message.slice(0, 180)}`);
}
console.log(missed.length === 0 ? '\nAll were found.' : `\nNot found: ${missed.join('; ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;
