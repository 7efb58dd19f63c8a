import { GoogleGenAI } from '@google/genai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { cancelable } from '../../dist/node.js';
import { onServer } from '../support/stage.mjs';

const MODEL = 'gemini-3.1-flash-image';
const PROMPT = 'a lighthouse in fog';
const IMAGES = 4;
const WORK_MS = 4000;
const TOTAL_MS = IMAGES * WORK_MS;

/** Case 1: the SDK by itself. An AbortSignal aborts when a quarter of the work is done. */
export function abortPlainSdk() {
  const title = '1. The plain SDK: ai.models.generateContent() with an AbortSignal';
  return onStage(title, async ({ emulator, meter, url }) => {
    const ai = new GoogleGenAI({ apiKey: 'demo', httpOptions: { baseUrl: url } });
    const controller = new AbortController();
    let ended = false;
    const outcome = makeImages(ai, controller.signal)
      .then(
        () => 'it resolved all the same',
        (error) => `${error.name}: ${error.message}`,
      )
      .finally(() => (ended = true));

    await quarterDone(meter, () => ended);
    const stoppedAtMs = meter.gpuMs();
    controller.abort();
    console.log(`A quarter is done (${seconds(stoppedAtMs)} GPU seconds): abort().`);
    console.log(`The calls rejected at once: ${await outcome}`);
    console.log('The program believes that the work has stopped. The GPU works on; waiting until it is idle …');
    await gpuIdle(emulator);

    const row = stoppedRow('plain SDK, aborted', stoppedAtMs, meter);
    console.log(`The GPU did ${seconds(row.burntMs)} more seconds, for images that nobody received.`);
    console.log(`The SDK says so itself, of abortSignal in @google/genai's types:
  "AbortSignal is a client-only operation. Using it to cancel an operation will not cancel the request in
   the service. You will still be charged usage for any applicable operations."`);
    return row;
  });
}

/** One request makes one image. */
function makeImages(ai, abortSignal) {
  const request = { model: MODEL, contents: PROMPT, config: { responseModalities: ['IMAGE'], abortSignal } };
  return Promise.all(Array.from({ length: IMAGES }, () => ai.models.generateContent(request)));
}

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));

/** Case 2: the same through genai-cancel, in a child process that gets a real SIGINT at the same point. */
export function interruptChild() {
  return interrupt('2. The same through genai-cancel, stopped by Ctrl+C (SIGINT)', 'genai-cancel, Ctrl+C', IMAGES);
}

/** Case 4: the same where the server takes no background job. The image in the making cannot be stopped, so it is kept. */
export function interruptUncancelable() {
  const title = '4. The model cannot be cancelled: one image at a time, stopped by Ctrl+C (SIGINT)';
  return interrupt(title, 'genai-cancel, Ctrl+C, case 4', 2, { background: 'refused' });
}

/** `sent`: the jobs that are on the server, or were, when a quarter of the work is done. */
function interrupt(title, name, sent, options) {
  const play = async ({ emulator, meter, url }) => {
    const args = [CHILD, url, MODEL, PROMPT, String(IMAGES)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let received = 0;
    createInterface(child.stdout).on('line', (line) => {
      console.log(`  child ${child.pid} | ${line}`);
      if (line.startsWith('received:')) received += 1;
    });
    const ended = once(child, 'close');

    await quarterDone(meter, () => child.exitCode !== null);
    await emulator.waitFor(({ jobs }) => jobs.length >= sent);
    const stoppedAtMs = meter.gpuMs();
    console.log(`A quarter is done (${seconds(stoppedAtMs)} GPU seconds): SIGINT, as Ctrl+C sends it.`);
    child.kill('SIGINT');
    const [code, signal] = await ended;
    console.log(`The child has ended: exit code ${code}, signal ${signal}.`);
    await gpuIdle(emulator);

    const row = stoppedRow(name, stoppedAtMs, meter);
    const states = meter.jobs.map(({ status }) => status).join(', ');
    console.log(`On the server the jobs are: ${states}. The GPU did ${seconds(row.burntMs)} more seconds.`);
    const paid = meter.jobs.filter(({ endReason }) => endReason === 'completed').length;
    return { ...row, code, signal, received, paid };
  };
  return onStage(title, play, options);
}

const FOLDER = fileURLToPath(new URL('../../out/demo/', import.meta.url));

/** Case 3: nobody cancels. Writes each image to a file as soon as it is finished. */
export function finishFour() {
  return onStage('3. Through genai-cancel to the end', async ({ meter, url }) => {
    const images = cancelable(new GoogleGenAI({ apiKey: 'demo', httpOptions: { baseUrl: url } }));
    const config = { numberOfImages: IMAGES, aspectRatio: '16:9' };
    const operation = images.start({ model: MODEL, prompt: PROMPT, config });
    mkdirSync(FOLDER, { recursive: true });
    const files = [];
    operation.on('image', ({ index, image }) => {
      const file = join(FOLDER, `image-${index + 1}.${image.mimeType.split('/')[1]}`);
      writeFileSync(file, Buffer.from(image.imageBytes, 'base64'));
      files.push(file);
      console.log(`written: ${relative(process.cwd(), file)}`);
    });
    await operation.result();
    const doneMs = meter.gpuMs();
    console.log(`${files.length} images for ${seconds(doneMs)} GPU seconds.`);
    return { name: 'genai-cancel, to the end', doneMs, files };
  });
}

function onStage(title, play, options = {}) {
  console.log(`\n${title}\n${'-'.repeat(title.length)}`);
  return onServer({ workMs: WORK_MS, ...options }, (emulator, url) => play({ meter: emulator.meter, emulator, url }));
}

/**
 * Resolves when the GPU has done a quarter of the work. The passing of time is no event, so this polls the meter. Throws if
 * the client ends before that.
 */
async function quarterDone(meter, hasEnded) {
  while (meter.gpuMs() < TOTAL_MS / 4) {
    if (hasEnded()) throw new Error('The client ended before a quarter of the work was done.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function gpuIdle(emulator) {
  await emulator.waitFor((meter) => meter.jobs.length > 0 && meter.running().length === 0);
}

/** Returns the row of a case that was stopped: the GPU time before the stop and after it. */
function stoppedRow(name, stoppedAtMs, meter) {
  const burntMs = meter.gpuMs() - stoppedAtMs;
  const remainingMs = TOTAL_MS - stoppedAtMs;
  return { name, doneMs: stoppedAtMs, burntMs, burntShare: burntMs / remainingMs, savedMs: remainingMs - burntMs };
}

export const seconds = (ms) => (Math.max(0, ms) / 1000).toFixed(1);
