/** Rounds that are thrown away: they pay for the compiler. */
const WARM_UP = 20;

/**
 * Times two ways of doing the same thing, turn by turn in one process, so that whatever else the machine does hits both.
 * A way is an async function that gives the milliseconds to be counted.
 */
export async function versus(name, rounds, { plain, ours }) {
  const times = { plain: [], ours: [] };
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const order = round % 2 === 0 ? ['plain', 'ours'] : ['ours', 'plain'];
    for (const side of order) {
      const ms = await { plain, ours }[side]();
      if (round >= WARM_UP) times[side].push(ms);
    }
  }
  const [plainMs, oursMs] = [median(times.plain), median(times.ours)];
  return { name, plainMs, oursMs, ratio: oursMs / plainMs };
}

/** Milliseconds that `work` takes. */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The middle of some numbers. */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
