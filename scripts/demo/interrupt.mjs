import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gpuIdle, IMAGES, MODEL, onStage, PROMPT, quarterDone, seconds, stoppedRow } from './stage.mjs';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));

/** Case 2: the same through genai-cancel, in a child process that gets a real SIGINT at the same point. */
export function interruptChild() {
  return onStage('2. The same through genai-cancel, stopped by Ctrl+C (SIGINT)', async ({ emulator, meter, url }) => {
    const child = spawn(process.execPath, [CHILD, url, MODEL, PROMPT, String(IMAGES)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface(child.stdout).on('line', (line) => console.log(`  child ${child.pid} | ${line}`));
    const ended = once(child, 'close');

    await quarterDone(meter, () => child.exitCode !== null);
    const stoppedAtMs = meter.gpuMs();
    console.log(`A quarter is done (${seconds(stoppedAtMs)} GPU seconds): SIGINT, as Ctrl+C sends it.`);
    child.kill('SIGINT');
    const [code, signal] = await ended;
    console.log(`The child has ended: exit code ${code}, signal ${signal}.`);
    await gpuIdle(emulator);

    const row = stoppedRow('genai-cancel, Ctrl+C', stoppedAtMs, meter);
    const states = meter.jobs.map(({ status }) => status).join(', ');
    console.log(`On the server the jobs are: ${states}. The GPU did ${seconds(row.burntMs)} more seconds.`);
    return { ...row, code, signal };
  });
}
