/**
 * `npm run crowd`: many operations in flight at once, cancelled by `cancelAll()` or by SIGINT, with few and with many file
 * descriptors. Beside each case: when the last of as many bare cancel calls of the SDK arrives. Exits with 1 if a job runs on
 * that should not, or that is not named.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEmulator } from '../dist/testing/node.js';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,100,1000,3000' },
    descriptors: { type: 'string', default: '1024,20000' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const limits = values.descriptors.split(',').map(Number);
const CHILD = fileURLToPath(new URL('crowd/child.mjs', import.meta.url));

/** Runs one case in a process of its own, on a server of its own. */
async function runCase(limit, size, way) {
  const emulator = createEmulator({ workMs: 600_000 });
  const server = await emulator.listen();
  const command = `ulimit -n ${limit} && exec "${process.execPath}" "${CHILD}" "${server.url}" ${size} ${way}`;
  const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  let triggeredAt;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      said.push(text);
      if (triggeredAt === undefined && text.includes('ready')) triggeredAt = Date.now();
    });
  }
  const [code, signal] = await once(child, 'close');
  const { meter } = emulator;
  const running = meter.running().map(({ name }) => name);
  const text = said.join('');
  const last = Math.max(0, ...meter.requestsTo('cancel').map(({ at }) => at));
  const result = {
    code: signal ?? code,
    jobs: meter.jobs.length,
    running: running.length,
    unnamed: running.filter((name) => !text.includes(name)).length,
    lastMs: triggeredAt === undefined ? NaN : last - triggeredAt,
    cancels: meter.requestsTo('cancel').length,
    lines: text.split('\n').length,
    text,
  };
  await server.close();
  return result;
}

function isWrong({ jobs, running, unnamed }, size, way) {
  if (way === 'bare') return false;
  if (jobs !== size || unnamed > 0) return true;
  return size <= 1_000 ? running > 0 : running > size * 0.01;
}

console.log('descriptors   size  way        jobs  left  unnamed  cancels  last cancel after  ended');
for (const limit of limits) {
  for (const size of sizes) {
    for (const way of ['bare', 'cancelAll', 'SIGINT']) {
      const result = await runCase(limit, size, way);
      const { jobs, running, unnamed, cancels, lastMs, code } = result;
      const cells = [String(limit).padStart(11), String(size).padStart(6), way.padEnd(10), String(jobs).padStart(5), String(running).padStart(5), String(unnamed).padStart(8), String(cancels).padStart(8), `${lastMs} ms`.padStart(18), code]; // prettier-ignore
      const wrong = isWrong(result, size, way);
      console.log(`${cells.join('  ')}${wrong ? '  ✗' : ''}`);
      if (!wrong) continue;
      process.exitCode = 1;
      console.error(result.text.slice(-2_000));
    }
  }
}
