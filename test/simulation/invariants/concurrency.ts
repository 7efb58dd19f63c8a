import { isCreate, isOverdue, isRejected, wasAnsweredTruly, type Call } from '../world/calls.js';
import type { Root } from '../world/roots.js';
import type { Simulation } from '../world/simulation.js';
import { Violation } from '../world/violation.js';

const DEFAULT = 8;
const DEFAULT_UNCANCELABLE = 1;

/** At the end: no operation had more jobs of one kind on the server at a time than it may have (S11). */
export function checkConcurrency(simulation: Simulation): void {
  for (const root of simulation.roots) {
    const creates = simulation.calls.filter((call) => isCreate(call) && call.root === root.number);
    for (const isFireAndForget of [false, true]) {
      const some = creates.filter((call) => isFireAndForget === isUncancelable(call));
      const limit = root.options.maxConcurrency ?? (isFireAndForget ? DEFAULT_UNCANCELABLE : DEFAULT);
      for (const call of some) checkOne(simulation, root, some, call, limit);
    }
  }
}

function checkOne(simulation: Simulation, root: Root, creates: readonly Call[], call: Call, limit: number): void {
  const others = creates.filter((one) => one.seq < call.seq && one.indices[0] !== call.indices[0]);
  const open = others.filter((one) => isOpenAt(simulation, root, one, call));
  if (open.length < limit) return;
  simulation.violated(
    new Violation(
      'concurrency',
      `operation ${root.number} may have ${limit} jobs at a time: ${call.seq} came too early`,
    ),
  );
}

/** Its job was certainly on the server, and its process had not given it up. */
function isOpenAt({ server, handles }: Simulation, root: Root, one: Call, { seq, at }: Call): boolean {
  const { submitMs, watchMs = 0 } = root.options.limits ?? {};
  const { delivered, leftAt, record } = one;
  const isAnswered = delivered !== undefined && delivered.seq < seq;
  if (isUncancelable(one)) return !isAnswered && leftAt === undefined && at - one.at < watchMs;
  if (!isAnswered) return leftAt === undefined && !isOverdue(one, at, submitMs);
  if (isRejected(one) || !wasAnsweredTruly(one)) return false;
  const job = server.jobNamed(record?.job ?? '');
  const starter = handles.find(({ operation, origin }) => origin === 'start' && operation.id === root.id);
  const isWatched = starter?.operation.jobs.some(({ name, state }) => name === record?.job && state !== 'unknown');
  return job !== undefined && isWatched === true && (job.record.endedAt ?? Infinity) > at;
}

function isUncancelable({ route }: Call): boolean {
  return route === 'generateContent' || route === 'predict';
}
