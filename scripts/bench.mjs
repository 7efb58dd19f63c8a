/**
 * `npm run bench`: what the library costs on top of the SDK, both in one process and in turns. It asserts nothing: the
 * numbers are this machine's, the ratios are what can be compared.
 */
import { cancelLatency } from '../bench/cancel-latency.mjs';
import { oneImage } from '../bench/one-image.mjs';

const ROUNDS = 200;

const rows = [await oneImage(ROUNDS), await cancelLatency(ROUNDS)].map(({ name, rounds, plainMs, oursMs, ratio }) => [
  name,
  String(rounds),
  `${plainMs.toFixed(3)} ms`,
  `${oursMs.toFixed(3)} ms`,
  ratio.toFixed(2),
]);
const lines = [['ours / plain SDK', 'rounds', 'plain, median', 'ours, median', 'ratio'], ...rows];
const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
console.log(`Node ${process.versions.node}, emulator in process\n`);
for (const line of lines)
  console.log(
    line
      .map((text, column) => text.padEnd(widths[column]))
      .join('   ')
      .trimEnd(),
  );
