import { expect, it } from 'vitest';
import { LateAnswers } from '../../src/operation/late-answers.js';
import { createVirtualClock } from '../../src/testing/index.js';
import { Timers } from '../../src/util/timers.js';
import { failure, jobWith, lastingBackend } from '../support/jobs.js';

it('late answers are over in a later turn than the last create: a warning about its name comes before that', async () => {
  const clock = createVirtualClock();
  const late = new LateAnswers(new Timers(clock), () => undefined);
  const answered = late.awaitCreate();
  late.awaitCreate()();
  await clock.advance(0);
  expect([late.hungUp.aborted, late.over.aborted]).toEqual([false, false]);
  late.begin([], 1_000);
  expect([late.hungUp.aborted, late.over.aborted]).toEqual([true, false]);
  answered();
  expect(late.over.aborted).toBe(false);
  await clock.advance(0);
  expect(late.over.aborted).toBe(true);
  expect(clock.pendingTimers).toBe(0);
});

it('late answers are over when their time is, whatever is still expected', async () => {
  const clock = createVirtualClock();
  const late = new LateAnswers(new Timers(clock), () => undefined);
  late.begin([jobWith({ backend: lastingBackend() })], 1_000);
  late.awaitCreate();
  await clock.advance(999);
  expect([late.isImageExpected, late.hungUp.aborted, late.over.aborted]).toEqual([true, false, false]);
  await clock.advance(1);
  expect([late.isImageExpected, late.hungUp.aborted, late.over.aborted]).toEqual([false, true, true]);
});

it('no late image is expected of a request that has ended, nor of a job that can be cancelled', () => {
  const late = new LateAnswers(new Timers(createVirtualClock()), () => undefined);
  late.begin([jobWith({ backend: lastingBackend(), end: failure }), jobWith({ status: {} })], 1_000);
  expect([late.isImageExpected, late.hungUp.aborted, late.over.aborted]).toEqual([false, true, true]);
});
