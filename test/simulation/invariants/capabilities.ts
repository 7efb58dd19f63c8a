import { isBackgroundRefusal, isCancel, isLate, wasAnsweredTruly, type Call } from '../world/calls.js';
import type { SimulatedProcess } from '../world/process.js';
import type { Simulation } from '../world/simulation.js';
import type { Tracked } from '../world/tracked.js';
import { Violation } from '../world/violation.js';
import { toldOfEnd } from './knowledge.js';

/** Two refusals of a cancel that are so far apart count (A9). */
const APART_MS = 2_000;

/** At the end: what each client says of the model is what it has seen (A9). An accepted create proves nothing. */
export function checkCapabilities(simulation: Simulation, model: string): void {
  for (const process of simulation.processes.filter(({ isAlive }) => isAlive)) {
    for (const vertex of [false, true]) checkClient(simulation, process, vertex, model);
  }
}

function checkClient(simulation: Simulation, process: SimulatedProcess, vertex: boolean, model: string): void {
  const { cancelable } = process.images(vertex).capabilities(model);
  const refusals = refusalsTo(simulation, process, vertex);
  const isSure = refusals.some((call) => !isLate(call, submitMsOf(simulation, call)));
  const expected = isSure ? ['no'] : expectedOf(simulation, process, vertex);
  if (refusals.length > 0 && cancelable === 'no') return;
  if (expected.includes(cancelable)) return;
  const what = `${process.pid}${vertex ? ' on Vertex' : ''} says of ${model}: ${cancelable}, in place of ${expected.join()}`;
  simulation.violated(new Violation('truth of the report', what));
}

/** The client has heard that the model does not run in the background. */
export function wasRefused(simulation: Simulation, process: SimulatedProcess, vertex: boolean): boolean {
  return refusalsTo(simulation, process, vertex).length > 0;
}

function refusalsTo({ calls }: Simulation, { pid }: SimulatedProcess, vertex: boolean): readonly Call[] {
  return calls.filter((call) => call.process === pid && call.isVertex === vertex && isBackgroundRefusal(call));
}

function submitMsOf(simulation: Simulation, { root }: Call): number | undefined {
  return simulation.rootNumbered(root)?.options.limits?.submitMs;
}

/** The server may have refused the cancels of a job of this client's until the job had ended by itself. */
export function mayHaveRefusedCancels(simulation: Simulation, process: SimulatedProcess, vertex: boolean): boolean {
  return ownJobs(simulation, process, vertex).some(areRefused);
}

/** `yes` takes a cancel that the server has confirmed to an operation of this client's, and `no` takes two refusals. */
function expectedOf(simulation: Simulation, process: SimulatedProcess, vertex: boolean): readonly string[] {
  const jobs = ownJobs(simulation, process, vertex);
  const confirmed = jobs.filter(({ isConfirmed }) => isConfirmed);
  const isTold = confirmed.some(({ tracked, name }) => isReported(tracked, name));
  return [
    ...(isTold ? [] : ['unknown']),
    ...(confirmed.length > 0 ? ['yes'] : []),
    ...(jobs.some(areRefused) ? ['no'] : []),
  ];
}

interface OwnJob {
  readonly tracked: Tracked;
  readonly name: string;
  readonly cancels: readonly Call[];
  /** The server has told the process that the job was cancelled. */
  readonly isConfirmed: boolean;
}

/** The interactions that this client has started and asked to cancel. */
function ownJobs(simulation: Simulation, process: SimulatedProcess, vertex: boolean): readonly OwnJob[] {
  const started = simulation.handles.filter(
    ({ process: own, root, origin }) => own === process && origin === 'start' && root?.vertex === vertex,
  );
  return started.flatMap((tracked) =>
    tracked.names.flatMap((name) => {
      const real = simulation.server.jobNamed(name);
      const calls = simulation.calls.filter((call) => call.process === process.pid && call.name === name);
      const cancels = calls.filter(isCancel);
      if (real?.record.kind !== 'background' || cancels.length === 0) return [];
      const isTold = toldOfEnd(simulation, tracked, name, simulation.moment()) !== 'no';
      return { tracked, name, cancels, isConfirmed: isTold && real.record.endReason === 'cancelled' };
    }),
  );
}

function isReported({ settled: [end] }: Tracked, name: string): boolean {
  return (
    end?.report?.jobs.some((job) => job.name === name && job.state === 'cancelled' && job.cancelRequests > 0) === true
  );
}

/** An operation that has settled learns no more. A cancel that is accepted after the end does not take a refusal back. */
function areRefused({ tracked: { settled }, cancels }: OwnJob): boolean {
  const refused = cancels.filter(({ outcome, record }) => {
    const status = record?.status ?? 0;
    return outcome === 'answered' && status >= 400 && status < 500 && status !== 499;
  });
  const heard = refused.flatMap(({ delivered }) => delivered?.at ?? []);
  const own = cancels.filter(({ seq }) => seq < (settled[0]?.seq ?? Infinity));
  const isAccepted = own.some((call) => wasAnsweredTruly(call) && call.wasEnded !== true);
  return !isAccepted && Math.max(...heard) - Math.min(...heard) >= APART_MS;
}
