import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GoogleGenAI } from '@google/genai';
import { describe, expect, test } from 'vitest';
import type { EmulatorOptions } from '../../../src/testing/http/index.js';
import { temporaryFolder } from '../temporary-folder.js';
import { KEY, PROMPT, runHere, setUp } from './cli.js';
import { verifyJpeg } from './verify-jpeg.js';

/** A job that someone else has started. */
async function setUpJob(options: EmulatorOptions = {}) {
  const { emulator, run } = await setUp({ workMs: 60_000, ...options });
  const ai = new GoogleGenAI({ apiKey: KEY, httpOptions: { fetch: emulator.fetch } });
  const { id } = await ai.interactions.create({
    model: 'gemini-3.1-flash-image',
    input: PROMPT,
    background: true,
    response_format: { type: 'image' },
  });
  return { emulator, run, name: `interactions/${id}` };
}

test('a running job is cancelled, and the server asked whether it is', async () => {
  const { emulator, run, name } = await setUpJob();
  const ended = await run(['cancel', name]);
  expect(ended).toMatchObject({ code: 0, stdout: '' });
  expect(ended.stderr).toMatch(
    /^In \d\.\d s: 1 cancelled \(confirmed by the server\)\.\nNothing still runs\.\nBilling: unknown\. .+\n$/,
  );
  expect(emulator.meter.jobs.map(({ status }) => status)).toEqual(['cancelled']);
});

test('--json prints the report, and nothing else', async () => {
  const { run, name } = await setUpJob();
  const ended = await run(['cancel', name, '--json']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: 'cancelled', trigger: 'cancel', jobs: [{ name }] });
});

describe('a job that had completed', () => {
  test('is told of, with the way to its image', async () => {
    const { emulator, run, name } = await setUpJob({ workMs: 0 });
    await emulator.waitFor((meter) => meter.running().length === 0);
    const ended = await run(['cancel', name]);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toContain(
      `image 1: completed before the cancel. To get it: npx --no genai-cancel attach ${name} -o FOLDER\n`,
    );
  });

  test('gives its image, which has been paid for', async () => {
    const { emulator, run, name } = await setUpJob({ workMs: 0 });
    await emulator.waitFor((meter) => meter.running().length === 0);
    const out = temporaryFolder();
    const path = join(out, 'image-1.jpg');
    expect(await run(['cancel', name, '-o', out])).toMatchObject({ code: 0, stdout: `${path}\n` });
    verifyJpeg(path);
    // Fetched once more it is the same image: there is no copy of it.
    const second = await run(['cancel', name, '-o', out, '--json']);
    expect(JSON.parse(second.stdout)).toMatchObject({
      outcome: 'completed-anyway',
      response: { generatedImages: [{ image: { path, note: expect.stringContaining('same image') as string } }] },
    });
    expect(second.stdout.length).toBeLessThan(2000);
    expect(readdirSync(out)).toEqual(['image-1.jpg']);
  });

  test('but was refused says why', async () => {
    const { emulator, run, name } = await setUpJob({ workMs: 0, faults: [{ kind: 'refuse', text: 'No.' }] });
    await emulator.waitFor((meter) => meter.running().length === 0);
    expect((await run(['cancel', name])).stderr).toContain('image 1: refused by the model before the cancel: No.\n');
  });
});

test('a job that had failed is told of', async () => {
  const { emulator, run, name } = await setUpJob({ workMs: 0, faults: [{ kind: 'fail', message: 'Out of memory.' }] });
  await emulator.waitFor((meter) => meter.running().length === 0);
  const ended = await run(['cancel', name]);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).toMatch(/^image 1: failed before the cancel: .*Out of memory\./m);
});

test('what the server says on the way reaches the terminal without what could take it over', async () => {
  const odd = { kind: 'end', status: 'pon\u001b[31m\u0007dering' } as const;
  // The status is read until the cancel takes effect.
  const { run, name } = await setUpJob({ faults: [odd, { kind: 'cancel-lag', ms: 1_000 }], workMs: 0 });
  const { stderr } = await run(['cancel', name]);
  expect(stderr).toMatch(/^Note: .*pon \[31m dering/m);
  expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('without a key: says what is missing', async () => {
  expect(await runHere(['cancel', 'interactions/a'], {})).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('GEMINI_API_KEY') as string,
  });
});
