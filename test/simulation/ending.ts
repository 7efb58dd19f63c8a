import fc, { type Arbitrary } from 'fast-check';
import type { RecoverPolicy } from '../../src/client/recover.js';
import { checkAtTheEnd } from './invariants/at-the-end.js';
import { checkEmptied } from './invariants/recovery.js';
import { isResultDue } from './invariants/settling.js';
import { heal } from './commands/faults.js';
import { recoverBy } from './commands/others.js';
import { thaw } from './commands/processes.js';
import { cancelAbandoned } from './commands/stop.js';
import type { Call } from './world/calls.js';
import type { SimulatedProcess } from './world/process.js';
import type { Simulation } from './world/simulation.js';
import type { Tracked } from './world/tracked.js';
import { Violation } from './world/violation.js';

/** How a run ends. */
export interface Ending {
  readonly isHealed: boolean;
  /** Whether frozen processes are thawed. */
  readonly isThawed: boolean;
  readonly policy: RecoverPolicy;
  /** Whether callers cancel what was abandoned, and ask for their images, before their process exits. */
  readonly isAsked: boolean;
}

export const ending: Arbitrary<Ending> = fc.record({
  isHealed: fc.constantFrom(true, true, false),
  isThawed: fc.boolean(),
  policy: fc.constantFrom('attach' as const, 'cancel' as const),
  isAsked: fc.boolean(),
});

/** Longer than anything takes here: a watch is lost after a minute, and a job lasts for a few. */
const LONG_MS = 3_600_000;
const MAX_ROUNDS = 5;
/** Longer than any limit of an operation. */
const OTHERS_MS = 300_000;
const EXPIRY_MS = 49 * 3_600_000;

/** Lets everything come to its end, has a new process recover what was left behind, and looks at what there is. */
export async function finish(simulation: Simulation, { isHealed, isThawed, policy, isAsked }: Ending): Promise<void> {
  const { driver, tally } = simulation;
  simulation.note(() => `— the end: ${isHealed ? 'all faults end' : 'the faults stay'}, recover: ${policy}`);
  tally.count('end', isHealed ? 'healed' : 'not healed');
  if (isHealed) heal(simulation);
  for (const process of simulation.processes) {
    if (process.life.state !== 'frozen') continue;
    if (isThawed) thaw(simulation, process);
    else process.kill();
  }
  await untilQuiet(simulation);
  if (isAsked) {
    cancelAbandoned(simulation);
    await untilQuiet(simulation);
  }
  await leave(simulation, isAsked);
  if (simulation.entries.size > 0) await recoverAll(simulation, policy);
  if (isHealed && simulation.entries.size > 0) await expire(simulation, policy);
  await driver.until(() => !simulation.calls.some((call) => isOpening(simulation, call)), LONG_MS);
  await untilQuiet(simulation);
  // Recovered images are kept by the process that has them, too.
  await leave(simulation, isAsked);
  for (const call of simulation.calls) simulation.log.link(call);
  checkAtTheEnd(simulation);
}

/** Until every operation of a process that lives has settled, and nothing waits any more. */
async function untilQuiet(simulation: Simulation): Promise<void> {
  const living = (): readonly SimulatedProcess[] => simulation.processes.filter(({ isAlive }) => isAlive);
  const isStill = (process: SimulatedProcess): boolean => process.life.timers === 0 || isHolding(simulation, process);
  const isQuiet = (): boolean => living().every(isStill) && openOf(simulation).length === 0;
  const isOver = await simulation.driver.until(isQuiet, LONG_MS);
  if (isOver) {
    // Those that keep an image have timers for ever, beside others that end.
    if (living().some((process) => isHolding(simulation, process))) await simulation.driver.pass(OTHERS_MS);
    return;
  }
  const timers = living().map(({ pid, life }) => `${life.timers} timers in ${pid}`);
  throw new Violation('hang', `it goes on for ever: ${[...openOf(simulation), ...timers].join('; ')}`);
}

/** A stream that was asked for, and is still to begin: whoever asked for it has to leave it then. */
function isOpening({ processes }: Simulation, { route, outcome, process }: Call): boolean {
  return route === 'stream' && outcome === undefined && processes[process - 1]?.isAlive === true;
}

function openOf(simulation: Simulation): readonly string[] {
  const handles = simulation.handles
    .filter((tracked) => tracked.process.isAlive && isOpen(tracked))
    .map(({ label, operation, settled }) => {
      const jobs = operation.jobs.map(({ name, state }) => `${name ?? '-'} ${state}`).join(', ');
      return `${label}: ${operation.state}${settled.length > 0 ? ', settled' : ''}, ${jobs}`;
    });
  const calls = simulation.expected
    .filter(({ process, isAnswered }) => process.isAlive && !process.hasBadStore && !isAnswered)
    .map(({ what, process }) => `${what} of ${process.pid}`);
  const dying = simulation.processes.filter(({ isAlive, press }) => isAlive && press !== undefined);
  return [...handles, ...calls, ...dying.map(({ pid }) => `${pid} was sent a signal`)];
}

function isOpen(tracked: Tracked): boolean {
  return !tracked.isSettled || (tracked.result === undefined && isResultDue(tracked));
}

/** It has images that nobody has taken, and keeps their record. */
function isHolding({ handles, server }: Simulation, process: SimulatedProcess): boolean {
  const own = handles.filter((tracked) => tracked.process === process && tracked.isSettled);
  return own.some((tracked) => {
    const isPending = tracked.receipts.some(({ settled }) => settled === undefined);
    const made = tracked.operation.jobs.filter(({ state }) => state === 'succeeded');
    const named = made.flatMap(({ name }) => server.jobNamed(name ?? '')?.made() ?? []);
    const images = [...named.map(({ key }) => key), ...tracked.known];
    return isPending || images.some((key) => !tracked.hasHandedOver(key));
  });
}

/** Processes that have images in hand would keep them for ever: their callers ask for them, or they exit. */
async function leave(simulation: Simulation, isAsked: boolean): Promise<void> {
  const holding = (): readonly SimulatedProcess[] =>
    simulation.processes.filter((process) => process.isAlive && isHolding(simulation, process));
  if (isAsked && holding().length > 0) {
    for (const tracked of simulation.handles) if (tracked.process.isAlive) tracked.ask();
    await untilQuiet(simulation);
  }
  for (const process of holding()) process.exit();
  await untilQuiet(simulation);
}

/** Lets two days pass: what is in doubt is reported once more then, and leaves the journal (S3, S4). */
async function expire(simulation: Simulation, policy: RecoverPolicy): Promise<void> {
  await simulation.driver.pass(EXPIRY_MS);
  await recoverAll(simulation, policy);
  checkEmptied(simulation, policy);
}

/** Round after round, since what could not be confirmed stays for the next one. */
async function recoverAll(simulation: Simulation, policy: RecoverPolicy): Promise<void> {
  const recoverer = simulation.spawn();
  const hosts = new Set(simulation.roots.map(({ vertex }) => vertex));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await simulation.driver.pass(simulation.leaseMs);
    let found = 0;
    for (const vertex of hosts) {
      let isDone = false;
      void recoverBy(simulation, recoverer, policy, vertex).then((count) => {
        found += count;
        isDone = true;
      });
      if (await simulation.driver.until(() => isDone, LONG_MS)) continue;
      throw new Violation('hang', `recover(${policy}) never answers`);
    }
    await untilQuiet(simulation);
    if (found === 0) return;
  }
}
