import { afterEach, describe, expect, it, vi } from 'vitest';
import type { JobOutput } from '../../src/google/port.js';
import { Publisher } from '../../src/operation/publisher.js';
import { EventChannel } from '../../src/operation/event-channel.js';
import type { OperationEvents } from '../../src/api/events.js';
import type { Job } from '../../src/operation/job/job.js';
import { resolveSettings } from '../../src/api/options.js';
import { Timers } from '../../src/util/timers.js';
import { createVirtualClock } from '../../src/testing/index.js';
import { failure, jobWith, lastingBackend } from '../support/jobs.js';

const names: readonly (keyof OperationEvents)[] = ['submitted', 'state', 'progress', 'image', 'warning'];
const image: JobOutput = { image: { imageBytes: 'x' } };
const done = (...outputs: JobOutput[]) => ({ kind: 'completed', outputs }) as const;

/** Records the events about these jobs, as `name` and payload. */
function publishing(...jobs: Job[]) {
  const clock = createVirtualClock({ now: 1_000 });
  const channel = new EventChannel(
    () => undefined,
    () => undefined,
  );
  const told: unknown[] = [];
  const listen = (): void => {
    for (const name of names) channel.on(name, (payload) => told.push([name, payload]), false);
  };
  return {
    clock,
    told,
    listen,
    publisher: new Publisher(
      {
        channel,
        timers: new Timers(clock),
        jobs: () => jobs,
        settings: resolveSettings({ clock }, {}, undefined),
        debug: () => undefined,
      },
      { add: (_job, index) => told.push(['onImage', index]) },
    ),
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the announcement of a state', () => {
  it('is made when it changes', () => {
    const { told, listen, publisher } = publishing();
    listen();
    expect(publisher.state).toBe('submitting');
    publisher.setState('submitting');
    publisher.setState('queued');
    publisher.setState('queued');
    expect(told).toEqual([['state', { at: 1_000, from: 'submitting', to: 'queued' }]]);
  });

  it('goes by the jobs as long as one is live and nobody has asked for a cancel', () => {
    const [live, over] = [jobWith({ status: {} }), jobWith({ end: failure })];
    const { publisher } = publishing(live, over);
    publisher.publishSubmitted();
    publisher.publish(live, true);
    expect(publisher.state).toBe('submitting');
    publisher.publish(live, false);
    expect(publisher.state).toBe('running');
    const ended = publishing(over);
    ended.publisher.publishSubmitted();
    ended.publisher.publish(over, false);
    expect(ended.publisher.state).toBe('submitting');
  });

  it('stays as it is until the creates that may be sent at first are decided', () => {
    const [live, undecided] = [jobWith({ status: {} }), jobWith({ indices: [1] })];
    undecided.take({ type: 'admitted' });
    const { publisher } = publishing(live, undecided);
    publisher.publishSubmitted();
    publisher.publish(live, false);
    expect(publisher.state).toBe('submitting');
    undecided.finish({ kind: 'not-started' });
    publisher.publishSubmitted();
    publisher.publish(undecided, false);
    expect(publisher.state).toBe('running');
  });
});

describe('the announcement of names', () => {
  it('is made once for the jobs that may be sent at first, accepted or refused', () => {
    const jobs = [jobWith({ status: {} }), jobWith({ end: failure })];
    const { told, listen, publisher } = publishing(...jobs);
    listen();
    expect([publisher.publishSubmitted(), publisher.publishSubmitted()]).toEqual([true, false]);
    expect(told).toEqual([['submitted', { at: 1_000, jobs: jobs.map((job) => job.snapshot()) }]]);
  });

  it('is made for requests that were handed over', () => {
    const job = jobWith({ backend: lastingBackend() });
    job.take({ type: 'admitted' });
    job.take({ type: 'sent' });
    expect(publishing(job).publisher.publishSubmitted()).toBe(false);
    job.take({ type: 'handed-over' });
    expect(publishing(job).publisher.publishSubmitted()).toBe(true);
  });

  it('does not wait for jobs without a slot, and is made again when those have their names', () => {
    const [first, later] = [jobWith({ status: {} }), jobWith({ indices: [1] })];
    const { told, listen, publisher } = publishing(first, later);
    listen();
    expect(publisher.publishSubmitted()).toBe(true);
    later.take({ type: 'admitted' });
    later.take({ type: 'sent' });
    expect(publisher.publishSubmitted()).toBe(false);
    later.take({ type: 'named', id: 'b' });
    expect([publisher.publishSubmitted(), publisher.publishSubmitted()]).toEqual([true, false]);
    expect(told).toMatchObject([
      ['submitted', { jobs: [{ name: 'interactions/a' }, { state: 'waiting' }] }],
      ['submitted', { jobs: [{ name: 'interactions/a' }, { name: 'interactions/b' }] }],
    ]);
  });

  it('is not made while one of the first is on its way, nor where none was accepted', () => {
    const undecided = jobWith();
    undecided.take({ type: 'admitted' });
    expect(publishing(jobWith({ status: {} }), undecided).publisher.publishSubmitted()).toBe(false);
    expect(publishing(jobWith({ end: failure })).publisher.publishSubmitted()).toBe(false);
  });
});

describe('the announcement of a job', () => {
  it('has its images first, then how far all are, with the time since the start', async () => {
    const ended = jobWith({ indices: [2, 3], end: done(image, { refusal: 'no' }) });
    const { clock, told, listen, publisher } = publishing(jobWith({ status: {} }), ended);
    publisher.publishSubmitted();
    listen();
    await clock.advance(500);
    publisher.publish(ended, false);
    expect(told).toEqual([
      ['onImage', 2],
      ['image', { at: 1_500, index: 2, image: { imageBytes: 'x' } }],
      ['progress', { at: 1_500, completed: 2, total: 3, elapsedMs: 500 }],
      ['state', { at: 1_500, from: 'submitting', to: 'running' }],
    ]);
  });

  it('tells how far it is as long as it gets further', () => {
    const job = jobWith({ indices: [], status: { progress: { completed: 1, total: 3 } } });
    const { told, listen, publisher } = publishing(job);
    publisher.setState('running');
    listen();
    publisher.publish(job, false);
    publisher.publish(job, false);
    expect(told).toEqual([['progress', { at: 1_000, completed: 1, total: 3, elapsedMs: 0 }]]);
  });

  it('says of a job that failed beside others which one and why', () => {
    const failed = jobWith({ indices: [4], end: failure });
    const beside = publishing(jobWith({ status: {} }), failed);
    beside.listen();
    beside.publisher.publish(failed, true);
    expect(beside.told).toEqual([['warning', { at: 1_000, code: 'job-failed', message: 'Image 4: It has failed.' }]]);
    const alone = publishing(failed);
    alone.listen();
    alone.publisher.publish(failed, true);
    expect(alone.told).toEqual([]);
  });

  it('says which images of a job failed that has completed', () => {
    const job = jobWith({ indices: [0, 1], end: done(image, { failure: 'Bad.' }) });
    const { told, listen, publisher } = publishing(job);
    listen();
    publisher.publish(job, true);
    expect(told.at(-1)).toEqual(['warning', { at: 1_000, code: 'job-failed', message: 'Image 1: Bad.' }]);
  });
});

describe('a warning', () => {
  it('goes to the console where nobody listens, if it is news', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { told, listen, publisher } = publishing();
    publisher.warn('late-job-cancelled', 'It is late.');
    publisher.warn('late-job-cancelled', 'It is old.', () => false);
    expect(warn.mock.calls).toEqual([['genai-cancel: It is late.']]);
    listen();
    publisher.warn('late-job-cancelled', 'It is heard.', () => false);
    expect(told).toEqual([['warning', { at: 1_000, code: 'late-job-cancelled', message: 'It is heard.' }]]);
    expect(warn).toHaveBeenCalledOnce();
  });
});
