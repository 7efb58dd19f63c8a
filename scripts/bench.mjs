/**
 * `npm run bench`: what the library costs on top of the SDK, and a journal on top of that, in one process and in turns. It
 * asserts nothing: the numbers are this machine's, the ratios are what can be compared.
 */
import { cancelLatency, oneImage } from '../bench/calls.mjs';
import { openJournals, submitWith } from '../bench/journals.mjs';
import { table } from './support/command.mjs';

const ROUNDS = 200;

console.log(`Node ${process.versions.node}, emulator in process, medians of ${ROUNDS} rounds\n`);
print('ours / plain SDK', ['plain', 'ours'], [await oneImage(ROUNDS), await cancelLatency(ROUNDS)]);

const { journals, missing } = await openJournals();
const submits = [];
for (const journal of journals) {
  submits.push(await submitWith(journal, ROUNDS));
  await journal.close?.();
}
print('with a journal / without', ['without', 'with'], submits);
if (missing.length > 0) {
  console.log(`Left out: ${missing.join(' and ')}. To have them: bash scripts/with-stores.sh npm run bench`);
}

function print(what, sides, results) {
  const ms = (number) => `${number.toFixed(3)} ms`;
  const rows = results.map(({ name, plainMs, oursMs }) => {
    return [name, ...[plainMs, oursMs, oursMs - plainMs].map(ms), (oursMs / plainMs).toFixed(2)];
  });
  console.log(`${table([[what, ...sides, 'added', 'ratio'], ...rows])}\n`);
}
