// After a crash: the journal knows what was left running, and recover() takes it up again.
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
  // The first process: it is killed when its job runs, and can do nothing about it.
  const operation = images.start(
    { model: 'gemini-3.1-flash-image', prompt: 'a lighthouse in fog' },
    { tag: 'order 7' },
  );
  await operation.submitted();
  process.kill(process.pid, 'SIGKILL');
}

// The second process, at its start.
spawnSync(process.execPath, [fileURLToPath(import.meta.url), folder], { stdio: 'inherit' });
const { operations } = await images.recover({ policy: 'attach' });
for (const { operation, record } of operations) {
  console.log(`${record.tag}: ${record.jobs.map(({ name }) => name).join()} was left behind`);
  const { generatedImages } = await operation.result();
  console.log(`${generatedImages.length} image of it, and one create`);
}
await images.close();
