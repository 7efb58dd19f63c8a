import { describe, expect, it } from 'vitest';
import type { JobOutput } from '../../src/google/port.js';
import { endWarningsOf, notFetchedWarningOf, unknownStatusWarningOf } from '../../src/operation/warnings.js';
import { failure, jobWith } from '../support/jobs.js';

const completing = { status: 'completed', phase: 'succeeded' } as const;
const notesOf = (indices: readonly number[], outputs: readonly JobOutput[]): unknown =>
  endWarningsOf(jobWith({ indices, status: { ...completing, outputs } }));
const failed = (why: string): JobOutput => ({ failure: why });

describe('endWarningsOf()', () => {
  it('says nothing of a job that did not complete, or that made everything', () => {
    expect(endWarningsOf(jobWith())).toEqual([]);
    expect(endWarningsOf(jobWith({ end: failure }))).toEqual([]);
    expect(notesOf([0, 1], [{ image: { imageBytes: 'x' } }, { refusal: 'no' }])).toEqual([]);
  });

  it('names the images that failed, those for the same reason together', () => {
    const outputs = [failed('Bad.'), { refusal: 'no' }, failed('Worse.'), failed('Bad.')];
    expect(notesOf([4, 5, 6, 7], outputs)).toEqual([
      { code: 'job-failed', message: 'Images 4, 7: Bad.' },
      { code: 'job-failed', message: 'Image 6: Worse.' },
    ]);
    expect(notesOf([], [{ refusal: 'no' }, failed('Bad.')])).toEqual([
      { code: 'job-failed', message: 'Image 1: Bad.' },
    ]);
  });

  it('names the images that somebody else cancelled, and none that were cancelled from here', () => {
    const outputs: JobOutput[] = [{ cancelled: true }, { image: { imageBytes: 'x' } }, { cancelled: true }];
    expect(notesOf([4, 5, 6], outputs)).toEqual([
      { code: 'job-failed', message: 'Images 4, 6: It was cancelled on the server, but not from here.' },
    ]);
    const job = jobWith({ indices: [4, 5, 6], status: {} });
    job.take({ type: 'cancel-sent' });
    job.observe({ id: 'a', ...completing, outputs }, 1);
    expect(endWarningsOf(job)).toEqual([]);
  });

  it('cuts long lists off', () => {
    const indices = Array.from({ length: 11 }, (_, index) => index);
    const all = indices.map(() => failed('Bad.'));
    expect(notesOf(indices, all)).toMatchObject([
      { message: 'Images 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … (11 in all): Bad.' },
    ]);
    expect(notesOf(indices.slice(1), all.slice(1))).toMatchObject([
      { message: 'Images 1, 2, 3, 4, 5, 6, 7, 8, 9, 10: Bad.' },
    ]);
  });

  it('tells where the images lie that are not read', () => {
    const outputs: JobOutput[] = [{ elsewhere: 'bq://p.d.t' }, failed('Bad.')];
    expect(notesOf([0, 1], outputs)).toEqual([
      { code: 'job-failed', message: 'Image 1: Bad.' },
      {
        code: 'image-not-fetched',
        message:
          'The images of interactions/a are in bq://p.d.t. They are not read from there, so the response is without them.',
      },
    ]);
    const nameless = jobWith({ end: { kind: 'completed', outputs: [{ elsewhere: 'bq://p.d.t' }] } });
    expect(endWarningsOf(nameless)).toMatchObject([
      { message: expect.stringContaining('The images of the job are') as string },
    ]);
  });

  it('leaves that to the error where they should have been fetched', () => {
    const notFetched = (): Error => new Error('It cannot be read.');
    const job = jobWith({ status: { ...completing, outputs: [{ elsewhere: 'gs://b' }], notFetched } });
    expect(endWarningsOf(job)).toEqual([]);
  });
});

describe('the notes of a status', () => {
  it('name the job, and what the server said', () => {
    const job = jobWith({ status: { status: 'pondering', phase: 'unknown' } });
    expect(unknownStatusWarningOf(job)).toBe(
      'interactions/a has the status pondering, which is not documented. The library goes on watching it.',
    );
  });

  it('tell of what could not be fetched, and where it lies', () => {
    expect(notFetchedWarningOf(jobWith({ status: completing }))).toBe(
      'interactions/a has ended, but what it made could not be fetched in time.',
    );
    expect(notFetchedWarningOf(jobWith({ status: { ...completing, results: 'gs://b' } }))).toBe(
      'interactions/a has ended, but what it made could not be fetched in time. It lies in gs://b.',
    );
  });
});
