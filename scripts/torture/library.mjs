import { GoogleGenAI } from '@google/genai';
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** All that the test knows of the library's names: its entries, its options, its events, and how it tells of jobs. */
export async function openLibrary({ dist, journal: folder, url, pid }) {
  const { cancelable, readJournal } = await import(`${dist}node.js`);
  const { fileJournal } = await import(`${dist}file-journal.js`);
  const journal = fileJournal({ folder });
  // The server tells processes apart by their keys.
  const client = new GoogleGenAI({ apiKey: String(pid), httpOptions: { baseUrl: url } });
  return {
    journal,
    images: cancelable(client, { journal, limits: { pollMs: 100 } }),
    readJournal: () => readJournal(journal),
  };
}

export const submitWithin = (submitMs) => ({ limits: { submitMs } });

/** Opens the file in which a process writes what it is told, in the same turn: what is in it has been told. */
export function openDiary({ pid, diaries }) {
  const file = openSync(join(diaries, `${pid}.jsonl`), 'a');
  const delivered = new Set();
  const tell = (what, facts = {}) => writeSync(file, `${JSON.stringify({ what, at: Date.now(), pid, ...facts })}\n`);
  const deliver = (id, { imageBytes: key }, index) => {
    delivered.add(`${id} ${key}`);
    tell('image', { id, index, key });
  };
  return {
    tell,
    /** Tells what is heard of an operation. Of one that somebody else had started a request without an image is lost. */
    listen(operation, { isRecovered = false, isPatient = false } = {}) {
      const { id } = operation;
      const jobs = () => operation.jobs.map((job) => brief(job, isRecovered));
      if (!isPatient) operation.on('image', ({ index, image }) => deliver(id, image, index));
      operation.on('warning', ({ code, message }) => tell('warning', { id, code, message }));
      operation.on('settled', ({ error }) => tell('settled', { id, code: error?.code, jobs: jobs() }));
      return jobs;
    },
    deliverResponse(id, response) {
      for (const { image } of response?.generatedImages ?? []) {
        if (image !== undefined && !delivered.has(`${id} ${image.imageBytes}`)) deliver(id, image);
      }
    },
  };
}

function brief({ index, indices = [index], backend, name, state }, isRecovered) {
  const isRequest = backend === 'models' && (state === 'running' || (isRecovered && state === 'failed'));
  return { name, indices, isInDoubt: isRequest || state === 'submitting' || state === 'unknown' };
}
