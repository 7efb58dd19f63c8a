// After a crash: the journal knows the jobs that were left running, and recover() attaches to them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { fileJournal } from 'genai-cancel/file-journal';

const folder = process.argv[2] ?? mkdtempSync(`${tmpdir()}/journal-`);
const ai = new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY });
const images = cancelable(ai, { journal: fileJournal({ folder }) });

if (process.argv.length > 2) {
  // The first process: SIGKILL ends it while its job runs.
  const operation = images.start(
    { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' },
    { tag: 'order 7' },
  );
  await operation.submitted();
  process.kill(process.pid, 'SIGKILL');
}

// The second process recovers at its start.
spawnSync(process.execPath, [fileURLToPath(import.meta.url), folder], { stdio: 'inherit' });
const { operations } = await images.recover();
for (const { tag, operation } of operations) {
  console.log(`${tag}: ${operation.jobs.map(({ name }) => name).join()} was left behind`);
  const { generatedImages } = await operation.result();
  console.log(`${generatedImages.length} image, from one create`);
}
await images.close();
