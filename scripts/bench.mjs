/**
 * `npm run bench`: what the library costs on top of the SDK, and a journal on top of that, in one process and in turns. It
 * asserts nothing: the numbers are this machine's, the ratios are what can be compared.
 */
import { cancelLatency } from '../bench/cancel-latency.mjs';
import { openJournals } from '../bench/journals.mjs';
import { recordCosts, submitWith } from '../bench/journal-costs.mjs';
import { oneImage } from '../bench/one-image.mjs';

const ROUNDS = 200;

console.log(`Node ${process.versions.node}, emulator in process\n`);
print(['ours / plain SDK', ...headings('plain', 'ours')], [await oneImage(ROUNDS), await cancelLatency(ROUNDS)]);

const { journals, missing } = await openJournals();
const submits = [];
const costs = [];
for (const journal of journals) {
  submits.push(await submitWith(journal, ROUNDS));
  costs.push(await recordCosts(journal, ROUNDS));
  await journal.close();
}
print(['with a journal / without', ...headings('without', 'with'), 'added'], submits, ({ plainMs, oursMs }) => [
  `${(oursMs - plainMs).toFixed(3)} ms`,
]);
const steps = Object.keys(costs[0].medians);
table([
  ['one record, median', ...steps],
  ...costs.map(({ name, medians }) => [name, ...steps.map((step) => `${medians[step].toFixed(3)} ms`)]),
]);
if (missing.length > 0) {
  console.log(`Left out: ${missing.join(' and ')}. To have them: bash scripts/with-stores.sh npm run bench`);
}

function headings(plain, ours) {
  return ['rounds', `${plain}, median`, `${ours}, median`, 'ratio'];
}

function print(heading, results, more = () => []) {
  const rows = results.map((result) => {
    const { name, rounds, plainMs, oursMs, ratio } = result;
    const numbers = [String(rounds), `${plainMs.toFixed(3)} ms`, `${oursMs.toFixed(3)} ms`, ratio.toFixed(2)];
    return [name, ...numbers, ...more(result)];
  });
  table([heading, ...rows]);
}

function table(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines) {
    const cells = line.map((text, column) => text.padEnd(widths[column]));
    console.log(cells.join('   ').trimEnd());
  }
  console.log();
}
