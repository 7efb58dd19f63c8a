import { afterRows, BATCH_QUEUE_MS, DESTINATION, putRows, SOURCE, storageOn } from '../google/batches/vertex-setup.js';
import { lighthouse, QUEUE_MS, resolution, WORK_MS } from '../support/setup.js';
import type { Driver, Scene } from './driver.js';

const canBeCancelled = { 'not-cancelable': 'never: its jobs can be cancelled on the server' } as const;

const onlySynchronous = {
  cancelled: 'never: there is no cancel to be sent, and no status that could confirm one',
  'failed-anyway': 'never: a request that gave no answer was rejected, or its response was lost',
} as const;

const interactions: Omit<Driver, 'name' | 'vertex'> = {
  backend: 'interactions',
  cancelable: true,
  routes: { create: 'create', cancel: 'cancel', read: 'get', stream: 'stream' },
  times: { queuedMs: QUEUE_MS / 2, runningMs: QUEUE_MS + WORK_MS / 2, firstDoneMs: QUEUE_MS + WORK_MS + 500 },
  two: 2,
  jobsOf: (jobs) => jobs,
  start: ({ images }, numberOfImages, options) =>
    images.start({ ...lighthouse, config: { numberOfImages } }, { ...options, backend: 'interactions' }),
  unreachable: canBeCancelled,
};

const batches: Omit<Driver, 'name' | 'vertex'> = {
  backend: 'batches',
  cancelable: true,
  routes: { create: 'batch-create', cancel: 'batch-cancel', read: 'batch-get' },
  times: {
    queuedMs: BATCH_QUEUE_MS / 2,
    runningMs: afterRows(0),
    firstDoneMs: afterRows(1),
  },
  two: 2,
  emulator: { batchQueueMs: BATCH_QUEUE_MS },
  jobsOf: (jobs) => jobs.filter(({ kind }) => kind === 'batch'),
  start: ({ images }, numberOfImages, options) =>
    images.start({ ...lighthouse, config: { numberOfImages } }, { ...options, backend: 'batches' }),
  unreachable: canBeCancelled,
};

const generateContent: Omit<Driver, 'name' | 'vertex'> = {
  backend: 'models',
  cancelable: false,
  routes: { create: 'generateContent' },
  times: { runningMs: QUEUE_MS + WORK_MS / 4, firstDoneMs: QUEUE_MS + WORK_MS + 500 },
  two: 2,
  jobsOf: (jobs) => jobs,
  start: ({ images }, numberOfImages, options) =>
    images.start({ ...lighthouse, config: { numberOfImages } }, { ...options, backend: 'models' }),
  unreachable: onlySynchronous,
};

const refusing: Omit<Driver, 'name'> = {
  ...interactions,
  vertex: false,
  refusesWhileRunning: true,
  unreachable: {
    ...canBeCancelled,
    cancelled: 'never: a cancel is refused as long as the job runs, and no status can be read',
  },
};

/** Every backend on every host that has it, and each way in which a server may treat a job. A new one is one more entry. */
export const drivers: readonly Driver[] = [
  { ...interactions, name: 'interactions, Gemini API', vertex: false },
  { ...interactions, name: 'interactions, Vertex', vertex: true },
  {
    ...refusing,
    name: 'interactions, reads and cancels answer 403',
    emulator: { whileRunning: { reads: 'forbidden', cancels: 'forbidden' } },
  },
  {
    ...refusing,
    name: 'interactions, reads and cancels answer 404',
    emulator: { whileRunning: { reads: 'not-found', cancels: 'not-found' } },
  },
  {
    ...generateContent,
    name: 'auto, background refused',
    firstBackend: 'interactions',
    vertex: false,
    emulator: { background: 'refused' },
    start: ({ images }, numberOfImages, options) =>
      images.start({ ...lighthouse, config: { numberOfImages } }, options),
  },
  { ...batches, name: 'batches, Gemini API', vertex: false },
  {
    ...batches,
    name: 'batches from a file, attached',
    vertex: false,
    startElsewhere: startFileBatch,
    start: ({ images, emulator }, _, options) =>
      images.attach(emulator.meter.jobs.find(({ kind }) => kind === 'batch')?.name ?? '', options),
    unreachable: { ...canBeCancelled, 'not-started': 'never: the server has it already' },
  },
  {
    ...batches,
    name: 'batches, Vertex',
    vertex: true,
    cancelsOnce: true,
    cancelledCost: 'completed-only',
    start: ({ images, emulator }, numberOfImages, options) => {
      putRows(
        emulator,
        Array.from({ length: numberOfImages }, (_, index) => index),
      );
      const storage = storageOn(emulator);
      return images.startBatch(SOURCE, { model: lighthouse.model, destination: DESTINATION, storage, ...options });
    },
  },
  { ...generateContent, name: 'models (generateContent), Gemini API', vertex: false },
  { ...generateContent, name: 'models (generateContent), Vertex', vertex: true },
  {
    ...generateContent,
    name: 'models (Imagen), Vertex',
    vertex: true,
    emulator: { retired: [] },
    routes: { create: 'predict' },
    // Four at most in one request.
    two: 5,
    start: ({ images }, numberOfImages, options) =>
      images.start(
        { ...lighthouse, model: 'imagen-4.0-generate-001', config: { numberOfImages } },
        { ...options, backend: 'models' },
      ),
  },
];

/** Starts a batch from a file by the SDK itself. */
async function startFileBatch({ ai, clock }: Scene, numberOfImages: number): Promise<void> {
  const contents = [{ parts: [{ text: lighthouse.prompt }] }];
  const rows = Array.from({ length: numberOfImages }, (_, index) => ({ key: String(index), request: { contents } }));
  const file = new Blob([rows.map((row) => JSON.stringify(row)).join('\n')], { type: 'application/jsonl' });
  const { name: src = '' } = await resolution(clock, ai.files.upload({ file, config: { mimeType: file.type } }));
  await resolution(clock, ai.batches.create({ model: lighthouse.model, src }));
}
