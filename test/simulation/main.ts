import fc from 'fast-check';
import { execute, type Executed } from './execute.js';
import { run, type Run } from './property.js';
import { installGlobals } from './world/globals.js';
import { Tally } from './world/tally.js';
import { Violation } from './world/violation.js';

/** The work of one worker process. */
export interface Task {
  readonly seed: number;
  readonly runs: number;
  /** Of one run: `path` of fast-check, and of a history that was cut down, behind a slash, that of its commands. */
  readonly path?: string;
  readonly isTracing?: boolean;
  /** Goes on after violations, and cuts nothing down. */
  readonly isCounting?: boolean;
  /** After the first violation nothing more is run. */
  readonly isOneEnough?: boolean;
}

export interface Failure {
  readonly seed: number;
  readonly path: string;
  readonly invariant: string;
  readonly message: string;
  readonly counterexample: string;
  readonly shrinks: number;
  /** Of how many runs it was the last. */
  readonly runs: number;
}

export interface Done {
  readonly runs: number;
  readonly counts: readonly (readonly [string, number])[];
  readonly failures: readonly Failure[];
  readonly history: readonly string[];
}

/** One run of so many is run twice: it has to come out the same. */
const TWICE_EVERY = 200;
/** How long a counterexample is made smaller. */
const SHRINK_MS = 60_000;

/** Splits the path of a run from that of its commands, which is in base64 and may have slashes of its own. */
function partsOf(path: string): readonly [path: string, replayPath?: string] {
  const slash = path.indexOf('/');
  return slash === -1 ? [path] : [path.slice(0, slash), path.slice(slash + 1)];
}

async function perform(task: Task): Promise<Done> {
  const tally = new Tally();
  const [path, replayPath] = task.path === undefined ? [] : partsOf(task.path);
  const failures: Failure[] = [];
  let [runs, failedAt] = [0, Infinity];
  let last: Executed | undefined;
  const property = fc.asyncProperty(run(replayPath), async (one) => {
    // Enough has been tried: what there is is small enough.
    if (performance.now() - failedAt > SHRINK_MS) return;
    if (task.isOneEnough === true && failures.length > 0) return;
    const position = runs++;
    // A run that is being made smaller is not the same when it is cloned.
    const again = position % TWICE_EVERY === 0 && failedAt === Infinity ? copyOf(one) : undefined;
    last = await execute(one, failedAt === Infinity ? tally : new Tally(), task.isTracing === true);
    let { violation } = last;
    if (again !== undefined && violation === undefined) {
      const { hash } = await execute(again, new Tally(), false);
      if (hash !== last.hash) violation = new Violation('determinism', 'the same run came out differently');
    }
    if (violation === undefined) return;
    if (task.isCounting === true) {
      failures.push(failureOf(task.seed, String(position), violation, one, 0, position + 1));
      return;
    }
    failedAt = Math.min(failedAt, performance.now());
    throw violation;
  });
  const details = await fc.check(property, {
    seed: task.seed,
    numRuns: path === undefined ? task.runs : 1,
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (details.failed && details.counterexample !== null) {
    const { counterexamplePath, errorInstance, counterexample, numShrinks, numRuns } = details;
    const violation =
      errorInstance instanceof Violation ? errorInstance : new Violation('crash', String(errorInstance));
    failures.push(failureOf(task.seed, counterexamplePath, violation, counterexample[0], numShrinks, numRuns));
  }
  return { runs: Math.min(runs, details.numRuns), counts: [...tally.counts], failures, history: last?.history ?? [] };
}

function copyOf(one: Run): Run {
  const copy = <T>(value: T): T => (fc.hasCloneMethod(value) ? value[fc.cloneMethod]() : value);
  return { ...one, scheduler: copy(one.scheduler), commands: copy(one.commands) };
}

function failureOf(
  seed: number,
  path: string,
  { invariant, message }: Violation,
  one: Run,
  shrinks: number,
  runs: number,
): Failure {
  const commands = fc.stringify(one.commands);
  const replayPath = /replayPath="([^"]*)"/.exec(commands)?.[1];
  const { world, ending, randomSeed, faults, prelude } = one;
  const counterexample = [
    `world ${JSON.stringify(world)}, random numbers from ${randomSeed}`,
    ...faults.flat().map((fault) => `fault from the beginning ${JSON.stringify(fault)}`),
    ...[...prelude, ...one.commands].map(String),
    `ending ${JSON.stringify(ending)}`,
  ].join('\n');
  return {
    seed,
    // A history that was not cut down is chosen anew, all of it.
    path: replayPath === undefined || !path.includes(':') ? path : `${path}/${replayPath}`,
    invariant,
    message,
    counterexample,
    shrinks,
    runs,
  };
}

installGlobals();
// The command that asked is gone: nobody needs the answer.
process.on('disconnect', () => process.exit());
process.on('message', (task: Task) => {
  void perform(task).then((done) => process.send?.(done));
});
