/**
 * One of the processes that are killed: it runs operations of all kinds, several at once, for ever. It is given all it
 * needs as JSON.
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDiary, openLibrary, submitWithin } from './library.mjs';
import { createRandom } from './random.mjs';

const LANES = 3;
const LOOK_MS = 20;

const given = JSON.parse(process.argv[2]);
const diary = openDiary(given);
const random = createRandom(`${given.seed} ${given.name}`);
const { images } = await openLibrary(given);
const inFlight = new Map();
// The server reads the number of an operation from its seeds, and that of the process from the number.
let number = given.pid * given.apart;

process.on('unhandledRejection', (error) => diary.tell('unhandled', { message: String(error?.stack) }));
setInterval(noteNames, LOOK_MS);
writeSync(1, 'ready\n');
for (let lane = 0; lane < LANES; lane++) void keepBusy(lane);

async function keepBusy(lane) {
  await sleep(lane * random.between(0, 60));
  for (;;) {
    await run(plan());
    await sleep(random.between(0, 40));
  }
}

/** Chooses the next operation by the seed alone. */
function plan() {
  const pickOf = (weights) => random.pick(Object.entries(weights).map(([name, weight]) => [weight, name]));
  const kind = pickOf({ interactions: 56, auto: 12, batches: 9, startBatch: 5, models: 18 });
  const ending = pickOf({ none: 50, cancel: 20, signal: 10, timeout: 8, detach: 8, dispose: 4 });
  return {
    kind,
    ending,
    afterMs: random.chance(0.4) ? random.between(1, 60) : random.between(60, 700),
    numberOfImages: random.between(1, 4),
    options: {
      ...(random.chance(0.3) && { maxConcurrency: random.between(1, 2) }),
      cancelTimeoutMs: random.chance(0.3) ? random.between(50, 600) : 2_000,
      ...(random.chance(0.15) && submitWithin(random.between(50, 400))),
    },
    // A caller who waits for the result gets it one turn later than a listener.
    isPatient: ending === 'none' && (kind === 'interactions' || kind === 'auto') && random.chance(0.3),
  };
}

async function run({ kind, ending, afterMs, numberOfImages, options, isPatient }) {
  const controller = new AbortController();
  const triggers = { timeout: { timeoutMs: afterMs }, signal: { cancelSignal: controller.signal } };
  const operation = start(kind, ++number, numberOfImages, { ...options, ...triggers[ending] });
  const { id } = operation;
  // Nothing has been sent yet.
  diary.tell('start', { id, number, images: numberOfImages, isBatch: kind === 'batches' || kind === 'startBatch' });
  inFlight.set(operation, new Map());
  diary.listen(operation, { isPatient });
  void endIt(operation, ending, afterMs, controller);
  const response = await operation.result().catch((error) => error.report?.response);
  diary.deliverResponse(id, response);
  inFlight.delete(operation);
}

function start(kind, number, numberOfImages, options) {
  const [prompt, seed] = [`operation ${number}`, number * given.apart];
  // The client remembers of a model that it was refused.
  const model = `torture-image-${number}`;
  if (kind !== 'startBatch') {
    return images.start({ model, prompt, config: { numberOfImages, seed } }, { backend: kind, ...options });
  }
  const requests = Array.from({ length: numberOfImages }, (_, index) => ({ prompt, config: { seed: seed + index } }));
  return images.startBatch(requests, { model, ...options });
}

async function endIt(operation, ending, afterMs, controller) {
  await sleep(afterMs);
  if (ending === 'cancel') void operation.cancel();
  if (ending === 'signal') controller.abort();
  if (ending === 'detach') operation.detach();
  if (ending === 'dispose') void operation[Symbol.asyncDispose]?.();
}

/** Names that have been here for two looks: they have landed, and must not be lost any more. */
function noteNames() {
  for (const [{ id, jobs }, looks] of inFlight) {
    for (const { name } of jobs.filter((job) => job.name !== undefined)) {
      looks.set(name, (looks.get(name) ?? 0) + 1);
      if (looks.get(name) === 2) diary.tell('landed', { id, jobs: [{ name }] });
    }
  }
}
