import { afterRows, BATCH_QUEUE_MS, DESTINATION, putRows, SOURCE, storageOn } from '../google/batches/vertex-setup.js';
import { lighthouse, QUEUE_MS, WORK_MS } from '../support/setup.js';
import type { Driver } from './driver.js';

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

/** Every backend on every host that has it. A new one is one more entry. */
export const drivers: readonly Driver[] = [
  { ...interactions, name: 'interactions, Gemini API', vertex: false },
  { ...interactions, name: 'interactions, Vertex', vertex: true },
  { ...batches, name: 'batches, Gemini API', vertex: false },
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
