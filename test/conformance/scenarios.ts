import type { Billing, CancelOutcome, OperationState } from '../../src/index.js';
import type { EndReason, Fault } from '../../src/testing/index.js';
import type { Driver } from './driver.js';

/** One way to an outcome, and what the wire and the report have to say then. */
export interface Scenario {
  readonly title: string;
  readonly outcome: CancelOutcome;
  readonly faults: readonly Fault[];
  readonly images: number;
  /** When to stop, in ms after the start; `before` it by a signal that is aborted already, or `after` it has ended. */
  readonly stopAt: number | 'before' | 'after';
  readonly creates: number;
  /** Of all jobs together. */
  readonly cancels: { readonly atLeast: number; readonly atMost: number };
  /** How the jobs ended on the server, in order of creation, once all is over; `undefined` for one that still runs. */
  readonly ends: readonly (EndReason | undefined)[];
  /** How many images are in the report. */
  readonly kept: number;
  readonly expectation: Billing['expectation'];
  readonly state: OperationState;
  /** Whether the names of what may still run are known, and its command with it. */
  readonly leftovers?: 'named' | 'nameless';
}

const none = { atLeast: 0, atMost: 0 };
const one = { atLeast: 1, atMost: 1 };
/** More than anything here lasts. */
const LONG_MS = 30_000;

const common = { faults: [], images: 1, creates: 1, kept: 0, cancels: none } as const;

/** Lists the scenes that every backend can come to. */
function everywhere({ routes }: Driver): readonly Scenario[] {
  const { create } = routes;
  return [
    {
      ...common,
      title: 'the signal was aborted beforehand',
      outcome: 'not-started',
      stopAt: 'before',
      creates: 0,
      ends: [],
      expectation: 'none',
      state: 'cancelled',
    },
    {
      ...common,
      title: 'the images had been made before',
      outcome: 'completed-anyway',
      stopAt: 'after',
      ends: ['completed'],
      kept: 1,
      expectation: 'full',
      state: 'succeeded',
    },
    {
      ...common,
      title: 'the server had rejected it before',
      outcome: 'not-started',
      faults: [{ kind: 'status', route: create, status: 400, message: 'No such aspect ratio.' }],
      stopAt: 'after',
      ends: [],
      expectation: 'none',
      state: 'failed',
    },
  ];
}

/** Lists the scenes that need a backend with a cancel. */
function cancelableOnes({
  routes,
  times,
  two,
  backend,
  cancelledCost = 'unknown',
  startElsewhere,
}: Driver): readonly Scenario[] {
  const { create, cancel = 'unknown', read = 'unknown', stream } = routes;
  const creates = backend === 'batches' ? 1 : 2;
  const ignored: Fault = { kind: 'cancel-ignored', route: cancel };
  const cancelled = { ...common, outcome: 'cancelled', ends: ['cancelled'], expectation: cancelledCost, state: 'cancelled', cancels: one } as const; // prettier-ignore
  const unconfirmed = { ...common, outcome: 'unconfirmed', expectation: 'unknown', state: 'abandoned' } as const;
  return [
    {
      ...common,
      title: 'the create is refused after the stop',
      outcome: 'not-started',
      faults: [
        { kind: 'delay', route: create, ms: 1_000, when: 'before' },
        { kind: 'status', route: create, status: 400, message: 'No such aspect ratio.' },
      ],
      stopAt: 500,
      ends: [],
      expectation: 'none',
      state: 'cancelled',
    },
    ...(times.queuedMs === undefined ? [] : [{ ...cancelled, title: 'in the queue', stopAt: times.queuedMs }]),
    { ...cancelled, title: 'while the image is made', stopAt: times.runningMs },
    {
      ...cancelled,
      title: 'while the create is in flight',
      faults: [{ kind: 'delay', route: create, ms: 600 }],
      stopAt: 300,
    },
    {
      ...common,
      title: 'one of two was done',
      outcome: 'partially-cancelled',
      faults: creates === 1 ? [] : [{ kind: 'delay', route: create, ms: 2_000, when: 'before', skip: 1 }],
      images: two,
      creates,
      cancels: one,
      stopAt: times.firstDoneMs,
      ends: creates === 1 ? ['cancelled'] : ['completed', 'cancelled'],
      kept: 1,
      expectation: cancelledCost,
      state: 'cancelled',
    },
    {
      ...common,
      title: 'the cancel lost the race',
      outcome: 'completed-anyway',
      faults: [ignored],
      // Until its file is read, a batch is asked again.
      cancels: { atLeast: 1, atMost: startElsewhere === undefined ? 2 : 3 },
      stopAt: times.runningMs,
      ends: ['completed'],
      kept: 1,
      expectation: 'full',
      state: 'cancelled',
    },
    {
      ...common,
      title: 'it had failed before',
      outcome: 'failed-anyway',
      faults: [{ kind: 'fail', message: 'out of paint' }],
      stopAt: 'after',
      ends: ['failed'],
      expectation: 'unknown',
      state: 'failed',
    },
    {
      ...common,
      title: 'it failed while it was being cancelled',
      outcome: 'failed-anyway',
      faults: [ignored, { kind: 'fail', message: 'out of paint' }],
      cancels: { atLeast: 1, atMost: 2 },
      stopAt: times.runningMs,
      ends: ['failed'],
      expectation: 'unknown',
      state: 'cancelled',
    },
    {
      ...unconfirmed,
      title: 'nothing is answered any more',
      faults: [
        { kind: 'hang', route: cancel, when: 'before' },
        { kind: 'hang', route: read },
        ...(stream === undefined ? [] : [{ kind: 'silent', route: stream } as const]),
        { kind: 'end', status: 'pondering' },
      ],
      cancels: { atLeast: 1, atMost: 9 },
      stopAt: times.runningMs,
      ends: [undefined],
      leftovers: 'named',
    },
    {
      ...unconfirmed,
      title: '403 on reads and cancels while it runs',
      faults: [{ kind: 'forbidden-while-running' }, { kind: 'end', status: 'pondering' }],
      cancels: { atLeast: 2, atMost: 9 },
      stopAt: times.runningMs,
      ends: [undefined],
      leftovers: 'named',
    },
    {
      ...unconfirmed,
      title: 'the create is not answered in time: what it names later is cancelled then',
      faults: [
        { kind: 'delay', route: create, ms: LONG_MS },
        { kind: 'list-lag', ms: 2 * LONG_MS },
        { kind: 'end', status: 'pondering' },
      ],
      stopAt: 500,
      ends: ['cancelled'],
      leftovers: 'nameless',
    },
  ];
}

/** Lists the scenes of fire-and-forget requests. */
function fireAndForgetOnes({ routes, times, two }: Driver): readonly Scenario[] {
  const { create: route } = routes;
  const left = { ...common, stopAt: times.firstDoneMs, images: two, creates: 2, state: 'abandoned', leftovers: 'nameless' } as const; // prettier-ignore
  const ends = Array.from({ length: two }, () => 'completed' as const);
  const late: Fault = { kind: 'delay', route, ms: LONG_MS, when: 'before', skip: 1 };
  return [
    {
      ...left,
      title: 'while the image is made',
      outcome: 'not-cancelable',
      images: 1,
      creates: 1,
      stopAt: times.runningMs,
      ends: ['completed'],
      expectation: 'full',
    },
    {
      ...left,
      title: 'one of two was done',
      outcome: 'not-cancelable',
      faults: [late],
      ends,
      kept: two - 1,
      expectation: 'full',
    },
    {
      ...common,
      title: 'one of two was done, and the other waits to be sent again',
      outcome: 'partially-cancelled',
      faults: [{ kind: 'status', route, status: 429, skip: 1 }],
      // Soon after the first was done.
      stopAt: times.firstDoneMs - 400,
      images: two,
      creates: 2,
      ends: ends.slice(1),
      kept: two - 1,
      expectation: 'unknown',
      state: 'cancelled',
    },
    {
      ...left,
      title: 'an answer was lost before',
      outcome: 'unconfirmed',
      faults: [late, { kind: 'reset', route, when: 'after', times: 1 }],
      ends,
      expectation: 'unknown',
    },
  ];
}

/** Lists the scenes of a server that refuses reads and cancels while a job runs. */
function refusedOnes(driver: Driver): readonly Scenario[] {
  const { create: route } = driver.routes;
  const cancels = { atLeast: 1, atMost: 9 };
  const shared = cancelableOnes(driver).filter(({ title }) => SHARED.includes(title));
  return [
    ...shared.map((scenario) => (scenario.cancels.atLeast === 0 ? scenario : { ...scenario, cancels })),
    {
      ...common,
      title: 'one of two was done, and the other waits to be sent again',
      outcome: 'partially-cancelled',
      faults: [{ kind: 'status', route, status: 429, headers: { 'retry-after': '60' }, skip: 1 }],
      images: 2,
      creates: 2,
      cancels: { ...cancels, atLeast: 0 },
      stopAt: driver.times.firstDoneMs,
      ends: ['completed'],
      kept: 1,
      expectation: 'unknown',
      state: 'cancelled',
    },
  ];
}

/** Scenes that end as they do where a cancel takes effect. */
const SHARED = [
  'the create is refused after the stop',
  'the cancel lost the race',
  'it had failed before',
  'it failed while it was being cancelled',
  'nothing is answered any more',
  '403 on reads and cancels while it runs',
];

/** Lists the scenes of a job that was started elsewhere: its create is not ours. */
function attachedOnes(driver: Driver): readonly Scenario[] {
  const { create } = driver.routes;
  return [...everywhere(driver), ...cancelableOnes(driver)].filter(
    ({ stopAt, faults }) => stopAt !== 'before' && !faults.some((fault) => 'route' in fault && fault.route === create),
  );
}

export function scenariosOf(driver: Driver): readonly Scenario[] {
  if (driver.startElsewhere !== undefined) return attachedOnes(driver);
  if (driver.refusesWhileRunning === true) return [...everywhere(driver), ...refusedOnes(driver)];
  return [...everywhere(driver), ...(driver.cancelable ? cancelableOnes(driver) : fireAndForgetOnes(driver))];
}
