import { createRandom } from './random.mjs';

/** So long works a job that only a cancel, or the end of the test, ends. */
export const LONG_MS = 3_600_000;

/**
 * Chooses the faults of job number `index` of the server, from its create to its end. Which job gets which number is a
 * matter of time; its faults are not.
 */
export function faultsOf(seed, index) {
  const random = createRandom(`${seed} fault ${index}`);
  const faults = [onCreate(random), onDelay(random), onStream(random), ...onCancel(random), onEnd(random)];
  return faults.flatMap((fault) => (fault === undefined ? [] : [{ times: 1, ...fault, job: index }]));
}

/** The create comes first of all requests that have to do with a job, so a fault on any route strikes it. */
function onCreate(random) {
  return random.pick([
    [80, undefined],
    [4, { kind: 'reset', when: 'after' }],
    [2, { kind: 'reset', when: 'before' }],
    // Google's own 5xx would end a request that makes its image at once: only a proxy's leaves open what became of it.
    [1, { kind: 'page', status: 502, when: 'after' }],
    [1, { kind: 'status', status: 504, when: 'before' }],
    [1, { kind: 'garbage', when: 'after' }],
    [4, { kind: 'status', status: 503, when: 'before' }],
    [4, { kind: 'status', status: 429, when: 'before' }],
    [4, { kind: 'background-refused' }],
  ]);
}

function onDelay(random) {
  return random.pick([
    [75, undefined],
    [15, { kind: 'delay', ms: random.between(20, 500), when: 'after' }],
    [7, { kind: 'delay', ms: random.between(20, 500), when: 'before' }],
    [3, { kind: 'delay', ms: random.between(1_000, 3_000), when: 'after' }],
  ]);
}

function onStream(random) {
  return random.pick([
    [80, undefined],
    [10, { kind: 'cut', afterEvents: random.between(0, 3), how: random.chance(0.5) ? 'reset' : 'end' }],
    [5, { kind: 'cut', afterEvents: random.between(0, 3), how: random.chance(0.5) ? 'error' : 'garbage' }],
    [5, { kind: 'list-lag', ms: random.between(300, 3_000) }],
  ]);
}

function onCancel(random) {
  const more = { times: random.between(1, 2) };
  return random.pick([
    [60, []],
    [10, [{ kind: 'cancel-499' }]],
    [10, [{ kind: 'cancel-ignored', ...more }]],
    [10, [{ kind: 'cancel-lag', ms: random.between(50, 900) }]],
    [10, ['cancel', 'batch-cancel'].map((route) => ({ kind: 'status', status: 503, when: 'before', route, ...more }))],
  ]);
}

function onEnd(random) {
  return random.pick([
    [50, undefined],
    [35, { kind: 'end', status: 'in_progress', lastsMs: random.between(100, 1_300) }],
    [8, { kind: 'end', status: 'in_progress', lastsMs: LONG_MS }],
    [4, { kind: 'refuse' }],
    [3, { kind: 'fail' }],
  ]);
}
