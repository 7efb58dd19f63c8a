import fc, { type Arbitrary } from 'fast-check';
import type { Fault } from '../../../src/testing/faults.js';
import type { Route } from '../../../src/testing/routes.js';
import type { StoreFault } from '../world/journal.js';
import type { Simulation } from '../world/simulation.js';
import { pick, SimulatedCommand } from './command.js';

const CREATES: readonly Route[] = ['create', 'batch-create', 'generateContent', 'predict'];
const ROUTES: readonly Route[] = [...CREATES, 'get', 'stream', 'cancel', 'batch-get', 'batch-list', 'batch-cancel'];
/** Answers of which nobody can tell whether the request was carried out. The others say that it was not, and it was not. */
const AMBIGUOUS = [408, 499, 500, 502, 504];
const STATUSES = [...AMBIGUOUS, 400, 401, 403, 404, 405, 409, 429, 501, 503];
/** Answers that can be taken for nothing. Others would be lies about a job, which nobody can find out. */
const RUBBISH: readonly unknown[] = [null, [], 'text', 7];
/** An object is an answer of the synchronous calls, without an image: what a blocked prompt gets. */
const OBJECTS: readonly unknown[] = [{}, { id: 7 }, { name: '' }, { error: {} }, { status: 'completed' }];

const when = fc.constantFrom('before' as const, 'after' as const);
const route = fc.constantFrom<(Route | '*')[]>('*', ...ROUTES, ...CREATES);

const statusFault: Arbitrary<Fault> = fc
  .record({ route, status: fc.constantFrom(...STATUSES), when })
  .map(({ route, status, when }) => {
    const isLie = (route === '*' || CREATES.includes(route)) && !AMBIGUOUS.includes(status);
    return { kind: 'status', route, status, when: isLie ? 'before' : when };
  });

const jsonFault: Arbitrary<Fault> = fc.tuple(route, when, fc.nat(8)).map(([route, when, choice]) => {
  const isSynchronous = route === '*' || route === 'generateContent' || route === 'predict';
  const bodies = isSynchronous ? RUBBISH : [...RUBBISH, ...OBJECTS];
  return { kind: 'json', route, when, body: pick(bodies, choice) };
});

const answerFault: Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: statusFault },
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

const routeFault: Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant('cut' as const),
    afterEvents: fc.nat(4),
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

const scope = fc.record({
  times: fc.constantFrom(1, 1, 1, 2, 3, 8, undefined),
  skip: fc.constantFrom(0, 0, 0, 1, 2),
});

/** Something goes wrong from here on. */
export const fault: Arbitrary<Fault> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: answerFault },
      { weight: 2, arbitrary: routeFault },
      { weight: 2, arbitrary: outcomeFault },
    ),
    scope,
  )
  .map(([given, { times, skip }]) => ({
    ...given,
    ...(times === undefined ? {} : { times }),
    ...(skip === 0 ? {} : { skip }),
  }));

/** What has to come together for a twin: the answer to a create is lost, and the list has the batch too late. */
const lostBatch: Arbitrary<readonly Fault[]> = fc
  .tuple(
    fc.constantFrom<Fault[]>(
      { kind: 'reset', route: 'batch-create', when: 'after', times: 1 },
      { kind: 'status', route: 'batch-create', status: 502, when: 'after', times: 1 },
      { kind: 'reset', route: 'batch-create', when: 'before', times: 1 },
    ),
    fc.constantFrom(0, 1_500, 20_000, 50_000),
  )
  .map(([lost, ms]) => (ms === 0 ? [lost] : [lost, { kind: 'list-lag', ms }]));

/** One fault mostly. */
export const someFaults: Arbitrary<readonly Fault[]> = fc.oneof(
  { weight: 12, arbitrary: fault.map((one) => [one]) },
  { weight: 1, arbitrary: lostBatch },
);

class AddFault extends SimulatedCommand {
  readonly kind = 'add a fault';
  readonly #faults: readonly Fault[];

  constructor(given: readonly Fault[], after: number) {
    super(after);
    this.#faults = given;
  }

  protected act(simulation: Simulation): void {
    for (const one of this.#faults) simulation.server.faults.add(one);
  }

  protected describe(): string {
    return `fault ${this.#faults.map((one) => JSON.stringify(one)).join(' and ')}`;
  }
}

/** Connections that are refused, and a store that fails: neither is the server's. */
class LocalFault extends SimulatedCommand {
  readonly kind: string;
  readonly #what: StoreFault | 'refuse';
  readonly #process: number;
  readonly #times: number;

  constructor(what: StoreFault | 'refuse', process: number, times: number, after: number) {
    super(after);
    this.#what = what;
    this.#process = process;
    this.#times = times;
    this.kind = what === 'refuse' ? 'connections are refused' : 'the journal fails';
  }

  protected override applies(simulation: Simulation): boolean {
    return simulation.processes.some(({ isAlive }) => isAlive);
  }

  protected act(simulation: Simulation): void {
    const process = pick(
      simulation.processes.filter(({ isAlive }) => isAlive),
      this.#process,
    );
    if (this.#what === 'refuse') process?.refuse(this.#times);
    else process?.failStore(this.#what, this.#times);
  }

  protected describe(): string {
    const what = this.#what === 'refuse' ? 'connections of' : 'calls of the journal of';
    return `the next ${this.#times} ${what} process ${this.#process}: ${this.#what}`;
  }
}

class Heal extends SimulatedCommand {
  readonly kind = 'heal the server';

  protected act(simulation: Simulation): void {
    heal(simulation);
  }

  protected describe(): string {
    return 'all faults end';
  }
}

/** No fault strikes any more. What it has done stays. */
export function heal({ server, processes }: Simulation): void {
  for (const record of server.meter.faults) (record as { active: boolean }).active = false;
  for (const process of processes) process.heal();
}

export function faults(after: Arbitrary<number>): Arbitrary<SimulatedCommand> {
  const what = fc.constantFrom<(StoreFault | 'refuse')[]>('refuse', 'refuse', 'reject', 'reject-after', 'hang');
  return fc.oneof(
    { weight: 8, arbitrary: fc.tuple(someFaults, after).map(([given, after]) => new AddFault(given, after)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(what, fc.nat(2), fc.integer({ min: 1, max: 4 }), after)
        .map((args) => new LocalFault(...args)),
    },
    { weight: 1, arbitrary: after.map((after) => new Heal(after)) },
  );
}
