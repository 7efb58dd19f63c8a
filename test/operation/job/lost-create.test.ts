import { describe, expect, it, vi } from 'vitest';
import type { JobStatus } from '../../../src/google/port.js';
import type { OperationContext } from '../../../src/operation/job/context.js';
import type { CancelableJob } from '../../../src/operation/job/job.js';
import { Crowd } from '../../../src/operation/job/crowd.js';
import { findAgain, findLostCreate } from '../../../src/operation/job/lost-create.js';
import { Timers } from '../../../src/util/timers.js';
import { Latch } from '../../../src/util/latch.js';
import { createVirtualClock } from '../../../src/testing/index.js';
import { cancelableBackend, image, jobWith } from '../../support/jobs.js';
import { resolution } from '../../support/setup.js';

const never = new Promise<never>(() => undefined);
const failing = (status?: number): Promise<never> => Promise.reject(Object.assign(new Error('no'), { status }));
const running = (id: string): JobStatus => ({ id, status: 'in_progress', phase: 'running' });
const completed = (id: string): JobStatus => ({ id, status: 'completed', phase: 'succeeded', outputs: [image] });

/** A list that answers in these ways, one look after the other, and then always in the last; and when it was read. */
function listThat(...answers: (() => Promise<readonly string[]>)[]) {
  const clock = createVirtualClock();
  const startedAt = clock.now();
  const at: number[] = [];
  const names: string[] = [];
  const find = vi.fn((displayName: string) => {
    names.push(displayName);
    at.push(clock.now() - startedAt);
    return (answers.length > 1 ? answers.shift() : answers[0])?.() ?? Promise.resolve([]);
  });
  const statuses = new Map<string, JobStatus>();
  const read = vi.fn((id: string): Promise<JobStatus> => Promise.resolve(statuses.get(id) ?? running(id)));
  const cancel = vi.fn((id: string): Promise<void> => {
    statuses.set(id, { id, status: 'cancelled', phase: 'cancelled' });
    return Promise.resolve();
  });
  const backend = cancelableBackend({ find, read, cancel, pollIntervalMs: 1_000 });
  const warnings: string[] = [];
  const recorder = { duplicate: vi.fn(), duplicateDone: vi.fn(), check: () => undefined };
  const stop = new Latch();
  const context = {
    timers: new Timers(clock),
    settings: { cancelTimeoutMs: 8_000, limits: { watchMs: 600_000, pollMs: undefined } },
    stopped: stop,
    warn: (code: string, message: string) => warnings.push(`${code}: ${message}`),
    debug: () => undefined,
    recorder,
    crowd: new Crowd(1),
    duplicate: () => () => undefined,
    spare: () => undefined,
    takesImages: () => true,
  } as unknown as OperationContext;
  return { clock, at, names, statuses, read, cancel, warnings, recorder, stop, context, job: jobWith({ backend }) as CancelableJob }; // prettier-ignore
}

const found =
  (...ids: string[]) =>
  (): Promise<string[]> =>
    Promise.resolve(ids);

describe('findLostCreate()', () => {
  it('looks for the display name of the job until the list has it, for one minute', async () => {
    const { clock, at, names, context, job } = listThat(found());
    const lost = await resolution(clock, findLostCreate(job, context));
    expect(lost).toEqual({ why: 'no job of its display name is listed' });
    expect(at).toEqual([0, 1_000, 3_000, 7_000, 15_000, 30_000, 60_000]);
    expect(new Set(names)).toEqual(new Set([job.displayName]));
    expect(clock.pendingTimers).toBe(0);
  });

  it('looks as often as it is told', async () => {
    const { clock, at, context, job } = listThat(found());
    await resolution(clock, findLostCreate(job, context, [], 1));
    expect(at).toEqual([0]);
  });

  it('keeps the name that it finds, without reading the job, and looks no more', async () => {
    const { clock, at, read, context, job } = listThat(found(), found('found'));
    read.mockImplementation(() => failing());
    expect(await resolution(clock, findLostCreate(job, context))).toMatchObject({ id: 'found' });
    expect([at, read.mock.calls]).toEqual([[0, 1_000], []]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes a job that is known already into the choice, and keeps it if the list can never be read', async () => {
    const lists: [list: () => Promise<string[]>, kept: string, cancelled: string[]][] = [
      [found('listed', 'known'), 'listed', ['known']],
      [found('listed'), 'listed', ['known']],
      [() => failing(500), 'known', []],
    ];
    for (const [list, id, cancelled] of lists) {
      const { clock, cancel, context, job } = listThat(list);
      expect(await resolution(clock, findLostCreate(job, context, ['known'], 1))).toMatchObject({ id });
      expect(cancel.mock.calls.map(([one]) => one)).toEqual(cancelled);
    }
  });

  it('knows nothing if the list could not be read once', async () => {
    const { clock, context, job } = listThat(() => failing(500));
    expect(await resolution(clock, findLostCreate(job, context))).toEqual({ why: 'the list cannot be read' });
  });

  it('gives each look one minute, and goes on after one that failed', async () => {
    const { clock, at, context, job } = listThat(() => never, () => failing(), found('found')); // prettier-ignore
    expect(await resolution(clock, findLostCreate(job, context))).toMatchObject({ id: 'found' });
    expect(at).toEqual([0, 61_000, 63_000]);
  });

  it('looks at once when a cancel comes', async () => {
    const { clock, at, context, stop, job } = listThat(found(), found(), found('found'));
    const lost = findLostCreate(job, context);
    await clock.advance(1_200);
    stop.abort();
    expect(await resolution(clock, lost)).toMatchObject({ id: 'found' });
    expect(at).toEqual([0, 1_000, 1_200]);
  });
});

describe('several jobs with one display name', () => {
  it('leave the first one, and the others are cancelled and told', async () => {
    const { clock, cancel, warnings, recorder, context, job } = listThat(found('a', 'b', 'c'));
    expect(await resolution(clock, findLostCreate(job, context))).toMatchObject({ id: 'a' });
    await clock.advance(8_000);
    expect(cancel.mock.calls.map(([id]) => id)).toEqual(['b', 'c']);
    const text = (name: string): string =>
      `duplicate-job: interactions/${name} and interactions/a were started by one create. interactions/a is kept; the other was cancelled. Its status is cancelled.`;
    expect(warnings).toEqual([text('b'), text('c')]);
    expect(recorder.duplicate.mock.calls.map(([, name]) => name as string)).toEqual([
      'interactions/b',
      'interactions/c',
    ]);
    expect(recorder.duplicateDone.mock.calls).toEqual([
      ['interactions/b', true],
      ['interactions/c', true],
    ]);
  });

  it('leave one that has completed, also beside one that cannot be read', async () => {
    const { clock, statuses, read, cancel, context, job } = listThat(found('a', 'b', 'c'));
    statuses.set('c', completed('c'));
    read.mockReturnValueOnce(never);
    expect(await resolution(clock, findLostCreate(job, context))).toMatchObject({ id: 'c', status: completed('c') });
    await clock.advance(8_000);
    expect(cancel.mock.calls.map(([id]) => id)).toEqual(['a', 'b']);
  });

  it('are told where their images could not be fetched in time, and stay in the journal', async () => {
    const { clock, statuses, cancel, warnings, recorder, context, job } = listThat(found('a', 'b'));
    cancel.mockImplementation((id: string) => {
      statuses.set(id, { id, status: 'completed', phase: 'succeeded', results: 'gs://bucket/out' });
      return Promise.resolve();
    });
    await resolution(clock, findLostCreate(job, context));
    await clock.advance(8_000);
    expect(warnings).toEqual([
      'duplicate-job: interactions/b and interactions/a were started by one create. interactions/a is kept; the other has completed, but its images could not be fetched in time. Fetch them with: gcloud storage cp -r gs://bucket/out .',
    ]);
    expect(recorder.duplicateDone.mock.calls).toEqual([['interactions/b', false]]);
  });

  it('are told where nothing fetches their images', async () => {
    const { clock, statuses, cancel, warnings, context, job } = listThat(found('a', 'b'));
    const results = 'gs://bucket/out';
    cancel.mockImplementation((id: string) => {
      statuses.set(id, { ...completed(id), outputs: [{ elsewhere: results }], results });
      return Promise.resolve();
    });
    await resolution(clock, findLostCreate(job, context));
    await clock.advance(8_000);
    expect(warnings).toEqual([
      'duplicate-job: interactions/b and interactions/a were started by one create. interactions/a is kept; the other has completed, but its images were not fetched. Fetch them with: gcloud storage cp -r gs://bucket/out .',
    ]);
  });

  it('are told where nobody takes their images any more, and stay in the journal', async () => {
    const { clock, statuses, warnings, recorder, context, job } = listThat(found('a', 'b'));
    for (const id of ['a', 'b']) statuses.set(id, completed(id));
    const spare = vi.fn();
    await resolution(clock, findLostCreate(job, { ...context, takesImages: () => false, spare }));
    await clock.advance(8_000);
    expect(warnings).toEqual([
      'duplicate-job: interactions/b and interactions/a were started by one create. interactions/a is kept; the other has completed, but its images came after the end of the operation. Fetch them with: npx --no genai-cancel attach interactions/b -o .',
    ]);
    expect(recorder.duplicateDone.mock.calls).toEqual([['interactions/b', false]]);
    expect(spare).not.toHaveBeenCalled();
  });

  it('leave the first of those that have completed, whichever is read first', async () => {
    const { clock, read, context, job } = listThat(found('a', 'b', 'c'));
    const late = new Promise<JobStatus>((resolve) => clock.setTimeout(() => resolve(completed('b')), 100));
    read
      .mockImplementationOnce(() => failing())
      .mockReturnValueOnce(late)
      .mockResolvedValueOnce(completed('c'));
    expect(await resolution(clock, findLostCreate(job, context))).toMatchObject({ id: 'b', status: completed('b') });
  });

  it('leave one of whose images some were made, and not one that was cancelled while it worked', async () => {
    const { clock, statuses, cancel, context, job } = listThat(found('a', 'b', 'c'));
    statuses.set('b', { ...completed('b'), outputs: [{ cancelled: true }, { cancelled: true }] });
    expect(await resolution(clock, findLostCreate(job, context))).toMatchObject({ id: 'a' });
    statuses.set('b', { ...completed('b'), outputs: [{ cancelled: true }, image] });
    expect(await resolution(clock, findLostCreate(job, context))).toMatchObject({ id: 'b' });
    expect(cancel.mock.calls.slice(0, 2).map(([id]) => id)).toEqual(['b', 'c']);
  });

  it.each<[string, boolean, JobStatus, number]>([
    ['completed, at once in a report', true, { id: 'a', status: 'completed', phase: 'succeeded' }, 0],
    ['completed, once the others are cancelled', false, { id: 'a', status: 'completed', phase: 'succeeded' }, 8_000],
    ['expired, once the others are cancelled', false, { id: 'a', status: 'EXPIRED', phase: 'failed' }, 8_000],
  ])('leave one whose status was read: %s', async (_, isCancelled, status, tookMs) => {
    const { clock, read, stop, context, job } = listThat(found('a', 'b'));
    read.mockResolvedValueOnce(status).mockResolvedValueOnce(running('b')).mockReturnValue(never);
    if (isCancelled) stop.abort();
    const startedAt = clock.now();
    const finding = findAgain(job, { ...context, awaitAnswer: () => () => undefined }, () => ({ kind: 'cancelled' }));
    await resolution(clock, finding);
    expect([job.id, job.lastStatus, clock.now() - startedAt]).toEqual(['a', status.status, tookMs]);
  });

  it('are told, with the command, where a cancel cannot be confirmed, and stay in the journal', async () => {
    const { clock, cancel, warnings, recorder, context, job } = listThat(found('a', 'b'));
    cancel.mockImplementation(() => failing(403));
    await resolution(clock, findLostCreate(job, context));
    await clock.advance(8_000);
    expect(warnings).toEqual([
      'duplicate-job: interactions/b and interactions/a were started by one create. interactions/a is kept; the cancel of the other could not be confirmed: it may be running. Cancel it with: npx --no genai-cancel cancel interactions/b',
    ]);
    expect(recorder.duplicateDone.mock.calls).toEqual([['interactions/b', false]]);
    expect(clock.pendingTimers).toBe(0);
  });
});
