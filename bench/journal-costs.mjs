import { openStage, PARAMETERS } from './stage.mjs';
import { median, timed, versus } from './versus.mjs';

/** Time to `submitted()`, without and with the journal, in turns: what it adds is what it costs who starts. */
export function submitWith({ name, journal }, rounds) {
  const stage = openStage({ workMs: 600_000 });
  const submit = async (options) => {
    const operation = stage.images.start(PARAMETERS, options);
    operation.result().catch(() => undefined);
    const ms = await timed(() => operation.submitted());
    await operation.cancel();
    stage.emulator.reset();
    return ms;
  };
  return versus(`submitted(), with a journal: ${name}`, rounds, {
    plain: () => submit({ journal: false }),
    ours: () => submit({ journal }),
  });
}

/** What each thing done to one record takes, with the text of an operation with four images. */
export async function recordCosts({ name, journal }, rounds) {
  const text = JSON.stringify({ version: 1, jobs: Array(4).fill({ name: `interactions/v1_${'x'.repeat(44)}` }) });
  const times = { add: [], write: [], renew: [], claim: [], remove: [] };
  for (let round = 0; round < rounds; round++) {
    const id = round.toString(16).padStart(32, '0');
    const step = async (what, work) => {
      const start = performance.now();
      const answer = await work();
      times[what].push(performance.now() - start);
      return answer;
    };
    const first = await step('add', () => journal.add(id, text));
    await step('write', () => journal.write(first, text));
    await step('renew', () => journal.renew(first));
    await journal.release(first);
    const { entries } = await journal.list();
    const second = await step('claim', () => journal.claim(entries.find((entry) => entry.id === id)));
    await step('remove', () => journal.remove(second));
  }
  return { name, medians: Object.fromEntries(Object.entries(times).map(([what, ms]) => [what, median(ms)])) };
}
