import { lighthouse, QUEUE_MS, WORK_MS } from '../support/setup.js';
import type { Driver } from './driver.js';

const BATCH_QUEUE_MS = 1_000;

const canBeCancelled = { 'not-cancellable': 'never: its jobs can be cancelled on the server' } as const;

const onlySynchronous = {
  cancelled: 'never: there is no cancel to be sent, and no status that could confirm one',
  'partially-cancelled':
    'never: beside a finished image, one that is on its way, or waits to be sent again, is `not-cancellable`',
} as const;

const interactions: Omit<Driver, 'name' | 'vertex'> = {
  backend: 'interactions',
  cancellable: true,
  routes: { create: 'create', cancel: 'cancel', read: 'get', stream: 'stream' },
  times: { queuedMs: QUEUE_MS / 2, runningMs: QUEUE_MS + WORK_MS / 2, firstDoneMs: QUEUE_MS + WORK_MS + 500 },
  two: 2,
  jobsOf: (jobs) => jobs,
  start: ({ images }, numberOfImages, options) =>
    images.start({ ...lighthouse, config: { numberOfImages } }, { ...options, backend: 'interactions' }),
  unreachable: canBeCancelled,
};

const generateContent: Omit<Driver, 'name' | 'vertex'> = {
  backend: 'models',
  cancellable: false,
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
  {
    name: 'batches, Gemini API',
    vertex: false,
    backend: 'batches',
    cancellable: true,
    routes: { create: 'batch-create', cancel: 'batch-cancel', read: 'batch-get' },
    times: {
      queuedMs: BATCH_QUEUE_MS / 2,
      runningMs: BATCH_QUEUE_MS + WORK_MS / 2,
      firstDoneMs: BATCH_QUEUE_MS + WORK_MS + WORK_MS / 2,
    },
    two: 2,
    emulator: { batchQueueMs: BATCH_QUEUE_MS },
    jobsOf: (jobs) => jobs.filter(({ kind }) => kind === 'batch'),
    start: ({ images }, numberOfImages, options) =>
      images.start({ ...lighthouse, config: { numberOfImages } }, { ...options, backend: 'batches' }),
    unreachable: canBeCancelled,
  },
  { ...generateContent, name: 'models (generateContent), Gemini API', vertex: false },
  { ...generateContent, name: 'models (generateContent), Vertex', vertex: true },
  {
    ...generateContent,
    name: 'models (Imagen), Vertex',
    vertex: true,
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
