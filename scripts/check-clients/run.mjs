/** Runs the calls of one client, all at once, each with an emulator and a port of its own. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';

const { createEmulator } = await import(process.env.EMULATOR);
const DEADLINE_MS = 60_000;
const VERDICTS = { cancelled: 'cancelled on the server', completed: 'runs to the end' };

export const MODEL = 'gemini-3.1-flash-image';
export const RETIRED = ['imagen-4.0-generate-001', 'gemini-2.5-flash-image'];
export const same = assert.deepEqual;
// Failures come with the results; the warnings are for those who write programs.
for (const name of ['warn', 'error', 'info']) console[name] = () => undefined;
// Some clients also reject promises that they give to nobody.
process.on('unhandledRejection', () => undefined);

/**
 * Prints as JSON what came of the calls. Each gets what `clientOf` makes for an address, and its emulator. An abort gets a
 * signal, too.
 */
export async function run(clientOf, { calls, aborts }) {
  const watched = Object.entries(aborts).map(([name, start]) => [`${name}, aborted`, (parts) => abort(parts, start)]);
  const all = [...Object.entries(calls), ...watched].map(async ([call, step]) => {
    const emulator = createEmulator();
    const { url } = await emulator.listen();
    return Promise.race([step({ emulator, ...clientOf(url) }), tooLate()]).then(
      (meter) => ({ call, parsed: true, meter }),
      (error) => ({ call, parsed: false, error: inspect(error) }),
    );
  });
  console.log(JSON.stringify(await Promise.all(all)));
  process.exit();
}

const tooLate = () =>
  new Promise((_, reject) => setTimeout(reject, DEADLINE_MS, new Error(`It had no end within ${DEADLINE_MS} ms.`)));

/** Aborts once the job runs and, if it runs in the background, the client watches it. */
async function abort(parts, start) {
  const { emulator } = parts;
  const controller = new AbortController();
  const answer = Promise.resolve(start(parts, controller.signal)).catch(() => undefined);
  await emulator.waitFor(({ jobs: [job], requests }) => job && (job.kind !== 'background' || requests.length > 1));
  controller.abort();
  await Promise.all([answer, idle(emulator)]);
  const { endReason } = emulator.meter.jobs[0];
  return VERDICTS[endReason] ?? assert.fail(`The job ended as ${endReason}.`);
}

/** Waits until the emulator has nothing left to do. */
export const idle = (emulator) => emulator.waitFor((meter) => meter.running().length === 0);
export const routes = (emulator) => emulator.meter.requests.map(({ route }) => route);
export const failure = (promise) =>
  promise.then(
    () => assert.fail('It did not fail.'),
    (error) => error,
  );

export async function listOf(stream) {
  const items = [];
  for await (const item of await stream) items.push(item);
  return items;
}

/** Whether base64 or bytes are a JPEG. */
export function isJpeg(data) {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'base64') : data;
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.at(-1) === 0xd9;
}
