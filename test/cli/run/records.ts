import { GoogleGenAI } from '@google/genai';
import { vi } from 'vitest';
import type { JobReference, JournalRecord } from '../../../src/exports.js';
import { readJournal, type JournalContents } from '../../../src/journal/read.js';
import { recordText } from '../../../src/journal/record.js';
import { fileJournal } from '../../../src/file-journal.js';
import { KEY, type Setting } from './cli.js';

export const MODEL = 'gemini-3.1-flash-image';

/** A record as another process would have written it. */
export function recordOf(rest: Partial<JournalRecord> & { id: string }): JournalRecord {
  return {
    version: 1,
    backend: 'interactions',
    model: MODEL,
    server: { vertexai: false },
    startedAt: Date.now(),
    writtenAt: Date.now(),
    jobs: [],
    ...rest,
  };
}

export function jobOf(name: string, rest: Partial<JobReference> = {}): JobReference {
  const backend = name.startsWith('batches/') ? 'batches' : 'interactions';
  return { index: 0, backend, name, state: 'running', ...rest };
}

/** Puts a record into a journal: one that was left behind, or one whose process, this one, lives. */
export async function plant(folder: string, record: JournalRecord, fate: 'left' | 'lives' = 'left'): Promise<void> {
  const journal = fileJournal({ folder });
  const claim = await journal.add(record.id, recordText(record));
  if (fate === 'left') await journal.release(claim);
}

export const contentsOf = (folder: string): Promise<JournalContents> => readJournal(fileJournal({ folder }));

/** Resolves when a journal has the names of so many jobs. */
export async function namesIn(folder: string, count: number): Promise<readonly string[]> {
  return vi.waitFor(async () => {
    const { operations } = await contentsOf(folder);
    const names = operations.flatMap(({ record }) => record.jobs.flatMap(({ name }) => name ?? []));
    if (names.length !== count) throw new Error(`The journal has the names ${names.join()}.`);
    return names;
  }, 20_000);
}

/** A client of the same server, for what is none of the command's doing. */
export function clientOf({ url }: Setting): GoogleGenAI {
  return new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: url } });
}

/** Starts a job that makes one image. Resolves to its name. */
export async function startJob(setting: Setting): Promise<string> {
  const { id } = await clientOf(setting).interactions.create({
    model: MODEL,
    input: 'a lighthouse',
    background: true,
    response_format: { type: 'image' },
  });
  return `interactions/${id}`;
}

/** Starts a batch. Resolves to its name. */
export async function startBatch(setting: Setting, count: number, displayName = 'a batch'): Promise<string> {
  const request = {
    contents: [{ role: 'user', parts: [{ text: 'a lighthouse' }] }],
    config: { responseModalities: ['IMAGE'] },
  };
  const src = Array.from({ length: count }, () => request);
  const { name = '' } = await clientOf(setting).batches.create({ model: MODEL, src, config: { displayName } });
  return name;
}
