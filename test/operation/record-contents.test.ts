import { describe, expect, it } from 'vitest';
import { parseRecord, type JournalRecord } from '../../src/journal/record.js';
import { RecordContents } from '../../src/operation/record-contents.js';
import type { Job } from '../../src/operation/job/job.js';
import { cancelableBackend, jobWith, unknown } from '../support/jobs.js';

const batches = cancelableBackend({
  name: 'batches',
  nameOf: (id) => `batches/${id}`,
  find: () => Promise.resolve([]),
});
const server = { vertexai: false } as const;
const operation = { version: 1, id: 'an-id', backend: 'batches', model: 'a-model', startedAt: 1, server } as const;

/** The contents of the record of an operation with these jobs; a former owner has left `former`. */
function contentsOf(jobs: readonly Job[], former?: Partial<JournalRecord>): RecordContents {
  const snapshot = (): JournalRecord => ({ ...operation, jobs: jobs.map((job) => job.reference()), writtenAt: 1 });
  const contents = new RecordContents({ jobs: () => jobs, snapshot, unclaimed: () => [] });
  if (former !== undefined) contents.continue({ ...snapshot(), ...former });
  return contents;
}

const namesIn = (contents: RecordContents, isSettled = false): (string | undefined)[] =>
  parseRecord(contents.textAt(1, isSettled)).jobs.map(({ name }) => name);

describe('the duplicates in a record', () => {
  const job = jobWith({ backend: batches, status: {} });
  const reference = job.reference();
  const former = { jobs: [reference, { ...reference, name: 'batches/b' }, { ...reference, name: 'batches/c' }] };

  it('have the display name and the place of the job whose create has started them', () => {
    const contents = contentsOf([job]);
    contents.addDuplicate(job, 'batches/b');
    const { jobs } = parseRecord(contents.textAt(1, false));
    const { lastStatus, ...place } = reference;
    expect(lastStatus).toBe('in_progress');
    expect(jobs).toEqual([reference, { ...place, name: 'batches/b', state: 'queued' }]);
  });

  it('stay until each is confirmed, also those that a former owner has left', () => {
    const contents = contentsOf([job], former);
    expect(namesIn(contents)).toEqual(['batches/a', 'batches/b', 'batches/c']);
    contents.removeDuplicate('batches/b');
    expect(namesIn(contents)).toEqual(['batches/a', 'batches/c']);
  });

  it('are all that is left when the job has ended', () => {
    const ended = jobWith({ backend: batches, status: {}, end: { kind: 'cancelled' } });
    const contents = contentsOf([ended], former);
    expect(namesIn(contents, true)).toEqual(['batches/b', 'batches/c']);
    expect(contents.isAnythingLeft).toBe(true);
  });

  it('are not among them if one of them is kept as the job', () => {
    const { name, ...unnamed } = reference;
    const contents = contentsOf([job], { jobs: [unnamed, { ...reference, name: 'batches/a' }] });
    expect(namesIn(contents)).toEqual([name]);
  });
});

describe('what is left after the end', () => {
  it('is a job whose end is unknown, by its late name if one has come, until the late job has ended', () => {
    const job = jobWith({ backend: batches, end: unknown });
    const contents = contentsOf([job]);
    expect(namesIn(contents, true)).toEqual([undefined]);
    contents.lateNames.set(job, 'batches/late');
    const { jobs } = parseRecord(contents.textAt(1, true));
    expect(jobs).toMatchObject([{ name: 'batches/late', state: 'queued' }]);
    contents.lateEnds.add(job);
    expect(contents.isAnythingLeft).toBe(false);
    expect(namesIn(contents, true)).toEqual([]);
  });

  it('does not name the moment at which a former owner has detached it', () => {
    const job = jobWith({ backend: batches, status: {} });
    const { detachedAt } = parseRecord(contentsOf([job], { detachedAt: 7 }).textAt(1, false));
    expect(detachedAt).toBeUndefined();
  });
});
