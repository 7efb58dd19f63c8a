import { describe, expect, it } from 'vitest';
import type { JobStatus } from '../../../src/google/port.js';
import type { JobEnd } from '../../../src/operation/job/job-end.js';
import { next, noFacts, type JobEvent, type JobFacts } from '../../../src/operation/job/job-facts.js';
import { failure, unknown } from '../../support/jobs.js';

const running: JobStatus = { id: 'a', status: 'in_progress', phase: 'running' };
const completed: JobStatus = { id: 'a', status: 'completed', phase: 'succeeded', outputs: [{ refusal: 'no' }] };
const withdrawal = (): Error => new Error('withdrawn');

const observed = (status: JobStatus): JobEvent => ({ type: 'observed', status, at: 2 });
const ended = (end: JobEnd): JobEvent => ({ type: 'ended', end });
const after = (...events: JobEvent[]): JobFacts => events.reduce((facts, event) => next(facts, event, 1), noFacts);

/** Each event, the facts that it makes of a running job, and of those the ones that are learned after an end, too. */
const EVENTS: [event: JobEvent, before: Partial<JobFacts>, late: Partial<JobFacts>][] = [
  [{ type: 'admitted' }, { isAdmitted: true }, { isAdmitted: true }],
  [{ type: 'sent' }, { state: 'submitting', wasSent: true }, { wasSent: true }],
  [{ type: 'returned' }, { state: 'waiting' }, {}],
  [{ type: 'handed-over' }, { state: 'running' }, {}],
  [{ type: 'named', id: 'b' }, { state: 'queued', id: 'b' }, { id: 'b' }],
  [{ type: 'found', id: 'b' }, { state: 'queued', id: 'b' }, { id: 'b' }],
  [observed(running), { status: running, observedAt: 2 }, {}],
  [observed({ ...running, phase: 'unknown' }), { status: { ...running, phase: 'unknown' }, observedAt: 2 }, {}],
  [observed(completed), { state: 'succeeded', status: completed, observedAt: 2, confirmedAt: 2, end: { kind: 'completed', outputs: [{ refusal: 'no' }] } }, {}], // prettier-ignore
  [{ type: 'cancel-sent' }, { cancelRequests: 1 }, { cancelRequests: 1 }],
  [{ type: 'cancel-acknowledged', at: 2 }, { acknowledgedAt: 2 }, { acknowledgedAt: 2 }],
  [{ type: 'cancel-refused', at: 2 }, { firstRefusalAt: 2 }, { firstRefusalAt: 2 }],
  [{ type: 'cancel-denied' }, { isCancelDenied: true }, { isCancelDenied: true }],
  [{ type: 'read-denied' }, { deniedReads: 1 }, { deniedReads: 1 }],
  [{ type: 'withdrawn', withdrawal }, { withdrawal }, { withdrawal }],
  [ended(failure), { state: 'failed', end: failure }, {}],
  [ended({ kind: 'cancelled' }), { state: 'cancelled', end: { kind: 'cancelled' } }, {}],
  [ended({ kind: 'not-started' }), { state: 'not-started', end: { kind: 'not-started' } }, {}],
];

/** Ends of each kind, with the state that stays. */
const ENDS: [end: JobEnd, state: JobFacts['state']][] = [
  [{ kind: 'completed', outputs: [] }, 'succeeded'],
  [{ kind: 'cancelled' }, 'cancelled'],
  [failure, 'failed'],
  [{ kind: 'not-started' }, 'not-started'],
  [unknown, 'unknown'],
];

describe('the facts about a job', () => {
  it.each(EVENTS)('learn from $type while it runs', (event, before) => {
    const facts: JobFacts = { ...noFacts, state: 'running' };
    expect(next(facts, event, 1)).toEqual({ ...facts, ...before });
  });

  const late = ENDS.flatMap(([end, state]) =>
    EVENTS.map(([event, , learned]) => ({ type: event.type, event, learned, end, state })),
  );
  it.each(late)('keep the end $state when $type comes after it', ({ event, learned, end, state }) => {
    const facts = after(ended(end));
    expect(next(facts, event, 1)).toEqual({ ...facts, ...learned, state, end });
  });

  it('keep an end that a status has told, and the time at which it was confirmed', () => {
    const facts = after({ type: 'sent' }, { type: 'named', id: 'a' }, observed(completed));
    const events = EVENTS.map(([event]) => event);
    const { state, end, confirmedAt, status, id, wasSent } = events.reduce((all, event) => next(all, event, 1), facts);
    expect({ state, end, confirmedAt, status }).toEqual({ state: 'succeeded', end: facts.end, confirmedAt: 2, status: completed }); // prettier-ignore
    expect([id, wasSent]).toEqual(['b', true]);
  });

  it('count two refusals of a cancel only if they are at least 2 s apart', () => {
    const refusedAt = (...times: number[]): JobFacts =>
      after(...times.map((at): JobEvent => ({ type: 'cancel-refused', at })));
    expect(refusedAt(1_000, 2_999).isRefusedAgain).toBe(false);
    expect(refusedAt(1_000, 3_000).isRefusedAgain).toBe(true);
    expect(refusedAt(1_000, 3_000, 3_001)).toMatchObject({ firstRefusalAt: 1_000, isRefusedAgain: true });
  });

  it('count each cancel that was sent, and each read that was denied', () => {
    const facts = after(
      { type: 'cancel-sent' },
      { type: 'read-denied' },
      { type: 'cancel-sent' },
      { type: 'read-denied' },
    );
    expect(facts).toMatchObject({ cancelRequests: 2, deniedReads: 2 });
  });

  it('keep the usage, and the state, of a job that was seen running', () => {
    const usage = { totalTokens: 5 };
    const facts = after(observed({ ...running, usage }), observed({ ...running, phase: 'unknown' }), observed({ ...running, phase: 'queued' })); // prettier-ignore
    expect(facts).toMatchObject({ usage, state: 'running', status: { phase: 'queued' } });
  });

  it('take no older status', () => {
    const seen = [running, { id: 'a', status: 'completed', phase: 'succeeded' } as const];
    for (const status of seen) {
      const facts = after(observed(status));
      expect(next(facts, observed({ ...running, phase: 'queued' }), 1)).toBe(facts);
    }
  });

  it('keep the time of the first acknowledgement', () => {
    const facts = after({ type: 'cancel-acknowledged', at: 1 }, { type: 'cancel-acknowledged', at: 2 });
    expect(facts.acknowledgedAt).toBe(1);
  });

  it.each<[name: string, events: JobEvent[], end: unknown]>([
    ['cancelled from here', [{ type: 'cancel-sent' }], { kind: 'cancelled' }],
    ['cancelled by somebody else', [], { kind: 'cancelled', failure: expect.any(Function) as unknown }],
    ['not started, once it was withdrawn', [{ type: 'withdrawn', withdrawal }, { type: 'cancel-sent' }], { kind: 'not-started', failure: withdrawal }], // prettier-ignore
  ])('say that a job with the status cancelled was %s', (_, events, end) => {
    const cancelled: JobStatus = { id: 'a', status: 'cancelled', phase: 'cancelled' };
    expect(after(...events, observed(cancelled))).toMatchObject({ end, confirmedAt: 2 });
  });

  it('keep the images beyond the planned ones apart', () => {
    const outputs = [{ refusal: 'one' }, { refusal: 'two' }];
    const facts = next(noFacts, observed({ ...completed, outputs }), 1);
    expect([facts.end, facts.extras]).toEqual([{ kind: 'completed', outputs: [outputs[0]] }, [outputs[1]]]);
    expect(next(noFacts, observed({ ...completed, outputs }), 0)).toMatchObject({ end: { outputs }, extras: [] });
  });
});
