/**
 * One of the processes that are killed: it runs operations of all kinds, several at once, for ever. It is given all it
 * needs as JSON.
 */
import { GoogleGenAI } from '@google/genai';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { brief, openDiary } from './diary.mjs';
import { createRandom } from './random.mjs';
import { modelOf } from './server.mjs';

const LANES = 3;
const LOOK_MS = 20;

const given = JSON.parse(process.argv[2]);
const { cancelable } = await import(`${given.dist}node.js`);
const { fileJournal } = await import(`${given.dist}file-journal.js`);

const diary = openDiary(given);
const random = createRandom(`${given.seed} ${given.name}`);
const images = cancelable(new GoogleGenAI({ apiKey: 'torture', httpOptions: { baseUrl: given.url } }), {
  journal: fileJournal({ folder: given.journal }),
  pollIntervalMs: 100,
});
const inFlight = new Map();
let started = 0;

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

/** What to do next: all of it by the seed. */
function plan() {
  const kind = random.pick([
    [56, 'interactions'],
    [12, 'auto'],
    [9, 'batches'],
    [5, 'startBatch'],
    [18, 'models'],
  ]);
  const ending = random.pick([
    [50, 'none'],
    [20, 'cancel'],
    [10, 'signal'],
    [8, 'timeout'],
    [8, 'detach'],
    [4, 'dispose'],
  ]);
  return {
    kind,
    ending,
    afterMs: random.chance(0.4) ? random.between(0, 60) : random.between(60, 700),
    numberOfImages: random.between(1, 4),
    options: {
      maxConcurrency: random.chance(0.3) ? random.between(1, 2) : undefined,
      cancelTimeoutMs: random.chance(0.3) ? random.between(50, 600) : 2_000,
      submitTimeoutMs: random.chance(0.15) ? random.between(50, 400) : undefined,
      journalPrompts: random.chance(0.3),
      salvage: random.chance(0.7),
    },
    // Who waits for the result gets it one turn later than who listens.
    isPatient: ending === 'none' && (kind === 'interactions' || kind === 'auto') && random.chance(0.3),
  };
}

async function run({ kind, ending, afterMs, numberOfImages, options, isPatient }) {
  const tag = `${given.name}-${++started}`;
  const controller = new AbortController();
  const operation = start(kind, tag, numberOfImages, {
    ...options,
    tag,
    ...(ending === 'timeout' ? { timeoutMs: afterMs } : {}),
    ...(ending === 'signal' ? { cancelSignal: controller.signal } : {}),
  });
  const { id } = operation;
  // Nothing has been sent yet.
  diary.tell('start', { id, tag, kind, ending, numberOfImages });
  inFlight.set(operation, { seen: new Set(), told: new Set() });
  if (!isPatient) operation.on('image', ({ index, image }) => diary.deliver(id, index, image));
  operation.on('warning', ({ code, message }) => diary.tell('warning', { id, code, message }));
  operation.on('cancelling', () => diary.tell('cancelling', { id }));
  operation.on('settled', ({ state, error, report, response }) => {
    const made = response?.generatedImages.filter(({ image }) => image !== undefined).length ?? 0;
    const jobs = brief(operation.jobs);
    diary.tell('settled', { id, state, code: error?.code, outcome: report?.outcome, made, jobs });
  });
  void endIt(operation, ending, afterMs, controller);
  try {
    const response = await operation.result();
    if (isPatient) diary.deliverResponse(operation, response);
  } catch (error) {
    // Told by the `settled` event; what was made was told by `image` events.
    if (error.report?.response !== undefined) diary.deliverResponse(operation, error.report.response);
  }
  inFlight.delete(operation);
}

function start(kind, tag, numberOfImages, options) {
  const model = modelOf(tag);
  if (kind === 'startBatch') {
    return images.startBatch(
      Array.from({ length: numberOfImages }, () => ({ prompt: tag, config: { imageSize: '512' } })),
      { model, ...options },
    );
  }
  return images.start(
    { model, prompt: tag, config: { numberOfImages, imageSize: '512' } },
    { backend: kind, ...options },
  );
}

async function endIt(operation, ending, afterMs, controller) {
  if (!['cancel', 'signal', 'detach', 'dispose'].includes(ending)) return;
  await sleep(afterMs);
  if (ending === 'cancel') void operation.cancel();
  if (ending === 'signal') controller.abort();
  if (ending === 'detach') operation.detach();
  if (ending === 'dispose') void operation[Symbol.asyncDispose]?.();
}

/** Names that have been here for two looks: they have landed, and must not be lost any more. */
function noteNames() {
  for (const [operation, { seen, told }] of inFlight) {
    const names = operation.jobs.flatMap(({ name }) => name ?? []);
    const landed = names.filter((name) => seen.has(name) && !told.has(name));
    for (const name of names) seen.add(name);
    if (landed.length === 0) continue;
    for (const name of landed) told.add(name);
    diary.tell('landed', { id: operation.id, names: landed });
  }
}
