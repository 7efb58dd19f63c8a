/**
 * `npm run crowd`: many operations in flight at once, cancelled by `cancelAll()` or by SIGINT, with few and with many file
 * descriptors. Beside each case: when the last of as many bare cancel calls of the SDK arrives. Exits with 1 if a job runs on
 * that should not, or that is not named.
 */
import { fileURLToPath } from 'node:url';
import { flags } from './support/command.mjs';
import { onServer, start } from './support/stage.mjs';

const values = flags({ sizes: '10,100,1000,3000', descriptors: '1024,20000' });
const [sizes, limits] = [values.sizes, values.descriptors].map((list) => list.split(',').map(Number));
const CHILD = fileURLToPath(new URL('crowd/child.mjs', import.meta.url));
const WIDTHS = { descriptors: 11, size: 6, way: 10, jobs: 5, left: 5, unnamed: 8, cancels: 8, 'last cancel after': 18 };

function runCase(limit, size, way) {
  return onServer({ workMs: 600_000 }, async ({ meter }, url) => {
    const command = `ulimit -n ${limit} && exec "${process.execPath}" "${CHILD}" "${url}" ${size} ${way}`;
    const { ended, said } = start('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
    const triggeredAt = await said(/ready/).then(Date.now, () => NaN);
    const { code, signal, text } = await ended;
    const running = meter.running().map(({ name }) => name);
    const cancels = meter.requestsTo('cancel');
    return {
      code: signal ?? code,
      jobs: meter.jobs.length,
      running: running.length,
      unnamed: running.filter((name) => !text.includes(name)).length,
      lastMs: Math.max(0, ...cancels.map(({ at }) => at)) - triggeredAt,
      cancels: cancels.length,
      text,
    };
  });
}

function isWrong({ jobs, running, unnamed }, size, way) {
  if (way === 'bare') return false;
  if (jobs !== size || unnamed > 0) return true;
  return size <= 1_000 ? running > 0 : running > size * 0.01;
}

/** Writes a line at once: a case may take minutes. */
function lineOf(cells) {
  const widths = Object.values(WIDTHS);
  return cells.map((cell, column) => String(cell).padStart(widths[column] ?? 0)).join('  ');
}

console.log(lineOf([...Object.keys(WIDTHS), 'ended']));
for (const limit of limits) {
  for (const size of sizes) {
    for (const way of ['bare', 'cancelAll', 'SIGINT']) {
      const result = await runCase(limit, size, way);
      const { jobs, running, unnamed, cancels, lastMs, code } = result;
      const wrong = isWrong(result, size, way);
      const cells = [limit, size, way, jobs, running, unnamed, cancels, `${lastMs} ms`, code];
      console.log(lineOf(cells) + (wrong ? '  ✗' : ''));
      if (!wrong) continue;
      process.exitCode = 1;
      console.error(result.text.slice(-2_000));
    }
  }
}
