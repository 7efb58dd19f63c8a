import fc, { type Arbitrary } from 'fast-check';
import type { Fault, StatusFault } from '../../../src/testing/faults.js';
import type { Route } from '../../../src/testing/routes.js';
import { QUOTED_PROMPT } from '../world/server.js';
import { pick } from './command.js';

const CREATES: readonly Route[] = ['create', 'batch-create', 'generateContent', 'predict'];
const SYNCHRONOUS: readonly Route[] = ['generateContent', 'predict'];
const ROUTES: readonly Route[] = [...CREATES, 'get', 'stream', 'cancel', 'batch-get', 'batch-list', 'batch-cancel'];
/** Answers of which nobody can tell whether the request was carried out. The others say that it was not, and it was not. */
const AMBIGUOUS = [408, 499, 500, 502, 504];
const STATUSES = [...AMBIGUOUS, 400, 401, 403, 404, 405, 409, 429, 501, 503];
/** Answers that can be taken for nothing. Others would be lies about a job, which nobody can find out. */
const RUBBISH: readonly unknown[] = [null, 'text', 7];
/** The synchronous calls take an object, and the SDK makes one of a list, for an answer without an image: what a blocked prompt gets. */
const OBJECTS: readonly unknown[] = [[], {}, { id: 7 }, { name: '' }, { error: {} }, { status: 'completed' }];

const when = fc.constantFrom('before' as const, 'after' as const);
const route = fc.constantFrom<(Route | '*')[]>('*', ...ROUTES, ...CREATES);

const statusFault: Arbitrary<Fault> = fc
  .record({ route, status: fc.constantFrom(...STATUSES), when })
  .map(({ route, status, when }) => {
    const isCreate = route === '*' || CREATES.includes(route);
    // Google's own 5xx is the end of a request that makes its image at once (S2).
    const isEnd = (route === '*' || SYNCHRONOUS.includes(route)) && status >= 500;
    const isLie = isEnd || (isCreate && !AMBIGUOUS.includes(status));
    return { kind: 'status', route, status, when: isLie ? 'before' : when };
  });

const jsonFault: Arbitrary<Fault> = fc.tuple(route, when, fc.nat(8)).map(([route, when, choice]) => {
  const isSynchronous = route === '*' || route === 'generateContent' || route === 'predict';
  const bodies = isSynchronous ? RUBBISH : [...RUBBISH, ...OBJECTS];
  return { kind: 'json', route, when, body: pick(bodies, choice) };
});

/** The three ways to say when. */
const WAITS: readonly Pick<StatusFault, 'retryDelayMs' | 'headers'>[] = [
  ...[700, 5_000, 34_400].map((retryDelayMs) => ({ retryDelayMs })),
  { headers: { 'retry-after': '5' } },
  { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:20 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' } },
];

/** A 429 that says when to come again. */
const waitFault: Arbitrary<Fault> = fc
  .tuple(fc.constantFrom(...CREATES), fc.constantFrom(...WAITS))
  .map(([route, wait]) => ({ kind: 'status', route, status: 429, when: 'before', ...wait }));

/** A rejection that quotes the prompt. */
const quotingFault: Arbitrary<Fault> = fc
  .constantFrom(...CREATES)
  .map((route) => ({ kind: 'status', route, status: 400, message: `Not allowed: ${QUOTED_PROMPT}.`, when: 'before' }));

/** The model does not exist: not a word about the background (S7). */
const modelFault: Arbitrary<Fault> = fc.constant<Fault>({
  kind: 'status',
  route: 'create',
  status: 404,
  code: 'model_not_found',
  when: 'before',
});

const answerFault: Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: statusFault },
  waitFault,
  modelFault,
  quotingFault,
  fc.record({ kind: fc.constant('page' as const), route, status: fc.constantFrom(502, 503, 504), when }),
  fc.record({ kind: fc.constant('reset' as const), route, when }),
  fc.record({ kind: fc.constant('hang' as const), route, when }),
  fc.record({ kind: fc.constant('garbage' as const), route, when }),
  jsonFault,
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delay' as const),
      route,
      when,
      ms: fc.constantFrom(300, 2_500, 9_000, 20_000, 70_000),
    }),
  },
);

/** The answer is true, and hard to read. */
const bodyFault: Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('content-type' as const), route, value: fc.constantFrom('text/plain', 'text/html') }),
  fc.record({ kind: fc.constant('cut-body' as const), route, how: fc.constantFrom('end' as const, 'reset' as const) }),
);

const routeFault: Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant('cut' as const),
    afterEvents: fc.nat(7),
    how: fc.constantFrom('end' as const, 'reset' as const, 'error' as const, 'garbage' as const),
  }),
  fc.constantFrom<Fault[]>({ kind: 'silent' }, { kind: 'stream-as-json' }),
  fc.record({ kind: fc.constant('cancel-lag' as const), ms: fc.constantFrom(500, 3_000, 12_000) }),
  fc.constantFrom<Fault[]>({ kind: 'cancel-499' }, { kind: 'cancel-ignored' }),
  fc.constantFrom<Fault[]>({ kind: 'forbidden-while-running' }, { kind: 'background-refused' }),
  fc.record({ kind: fc.constant('list-lag' as const), ms: fc.constantFrom(1_500, 20_000, 50_000) }),
);

const outcomeFault: Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault[]>({ kind: 'refuse' }, { kind: 'fail' }, { kind: 'fail', item: '*' }, { kind: 'image-as-uri' }),
  fc.record({
    kind: fc.constant('end' as const),
    status: fc.constantFrom(
      'incomplete',
      'budget_exceeded',
      'requires_action',
      'cancelled',
      'pondering',
      'BATCH_STATE_PONDERING',
      'JOB_STATE_PAUSED',
    ),
    lastsMs: fc.constantFrom(3_000, 40_000),
  }),
  fc.record({ kind: fc.constant('expire' as const), afterMs: fc.constantFrom(500, 5_000, 40_000) }),
);

const scope = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      times: fc.constantFrom(1, 1, 1, 2, 3, 8, Infinity),
      skip: fc.constantFrom(0, 0, 0, 1, 2),
    }),
  },
  // Down for seconds to minutes.
  { weight: 1, arbitrary: fc.record({ forMs: fc.constantFrom(2_000, 20_000, 180_000) }) },
);

/** Something goes wrong from here on. */
const fault: Arbitrary<Fault> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: answerFault },
      { weight: 1, arbitrary: bodyFault },
      { weight: 2, arbitrary: routeFault },
      { weight: 2, arbitrary: outcomeFault },
    ),
    scope,
  )
  .map(([given, narrowed]) => ({ ...given, ...narrowed }));

/** A list breaks off in its middle. */
const LOST_PAGES: readonly Fault[] = [
  { kind: 'status', route: 'batch-list', status: 503, when: 'before', skip: 1, times: 1 },
  { kind: 'reset', route: 'batch-list', when: 'before', skip: 1, times: 2 },
];

/** Faults that make a duplicate possible: the response to a create is lost, and the list has the batch too late. */
const lostBatch: Arbitrary<readonly Fault[]> = fc
  .tuple(
    fc.constantFrom<Fault[]>(
      { kind: 'reset', route: 'batch-create', when: 'after', times: 1 },
      { kind: 'status', route: 'batch-create', status: 502, when: 'after', times: 1 },
      { kind: 'reset', route: 'batch-create', when: 'before', times: 1 },
    ),
    fc.constantFrom(0, 1_500, 20_000, 50_000),
    fc.constantFrom<(readonly Fault[])[]>([], ...LOST_PAGES.map((one) => [one])),
  )
  .map(([lost, ms, lostPage]) => [lost, ...(ms === 0 ? [] : [{ kind: 'list-lag' as const, ms }]), ...lostPage]);

/** One fault mostly, two at times. */
export const someFaults: Arbitrary<readonly Fault[]> = fc.oneof(
  { weight: 12, arbitrary: fault.map((one) => [one]) },
  { weight: 2, arbitrary: fc.array(fault, { minLength: 2, maxLength: 2 }) },
  { weight: 2, arbitrary: lostBatch },
);
