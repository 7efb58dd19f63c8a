import { onServer } from '../support/stage.mjs';

export const MODEL = 'gemini-3.1-flash-image';
export const PROMPT = 'a lighthouse in fog';
export const IMAGES = 4;
const WORK_MS = 4000;

const TOTAL_MS = IMAGES * WORK_MS;

/** Runs one case on a server of its own. */
export function onStage(title, play, options = {}) {
  console.log(`\n${title}\n${'-'.repeat(title.length)}`);
  return onServer({ workMs: WORK_MS, ...options }, (emulator, url) => play({ meter: emulator.meter, emulator, url }));
}

/**
 * Resolves when the GPU has done a quarter of the work. The passing of time is no event, so this polls the meter. Throws if
 * the client ends before that.
 */
export async function quarterDone(meter, hasEnded) {
  while (meter.gpuMs() < TOTAL_MS / 4) {
    if (hasEnded()) throw new Error('The client ended before a quarter of the work was done.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves when no job is left on the GPU or in its queue. */
export async function gpuIdle(emulator) {
  await emulator.waitFor((meter) => meter.jobs.length > 0 && meter.running().length === 0);
}

/** Returns the row of a case that was stopped: the GPU time before the stop and after it. */
export function stoppedRow(name, stoppedAtMs, meter) {
  const burntMs = meter.gpuMs() - stoppedAtMs;
  const remainingMs = TOTAL_MS - stoppedAtMs;
  return { name, doneMs: stoppedAtMs, burntMs, burntShare: burntMs / remainingMs, savedMs: remainingMs - burntMs };
}

export const seconds = (ms) => (Math.max(0, ms) / 1000).toFixed(1);
