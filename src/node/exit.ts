import { Worker } from 'node:worker_threads';
import type { ExitParticipant } from '../operation/platform.js';

/** So many requests are on their way at a time: the descriptors of the process are limited. */
const LANES = 200;

/**
 * The worker's program. In an `exit` listener only synchronous work counts, so the requests are made by another thread,
 * again and again until they are answered. It is plain CommonJS in a string: there is no file to find after bundling.
 */
const workerProgram = `
const { workerData: { requests, state, timeoutMs } } = require('node:worker_threads');
const view = new Int32Array(state);
const over = new AbortController();
setTimeout(() => over.abort(), timeoutMs);
const isTransient = (status) => status === 408 || status === 429 || status >= 500;
async function send({ url, method, headers }, index) {
  while (!over.signal.aborted) {
    try {
      const response = await fetch(url, { method, headers, signal: over.signal });
      if (response.ok || response.status === 499) return Atomics.store(view, index + 1, 1);
      if (!isTransient(response.status)) return;
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
let next = 0;
async function sendSome() {
  while (next < requests.length) await send(requests[next], next++);
}
Promise.all(Array.from({ length: ${LANES} }, sendSome)).finally(() => {
  Atomics.store(view, 0, 1);
  Atomics.notify(view, 0);
});
`;

/** Sends the pending cancel calls while the main thread waits. Never throws. Returns the names that were acknowledged. */
export function sendPendingCancels(operations: readonly ExitParticipant[]): ReadonlySet<string> {
  const pending = operations.filter(({ exitMs }) => exitMs > 0);
  const requests = pending.flatMap((operation) => operation.pendingCancels());
  if (requests.length === 0) return new Set();
  const timeoutMs = Math.max(...pending.map(({ exitMs }) => exitMs));
  const state = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (requests.length + 1));
  const view = new Int32Array(state);
  try {
    // A loader, an inspector or a preload of the application would cost the time that the cancels need.
    const env = { ...process.env, NODE_OPTIONS: '' };
    new Worker(workerProgram, { eval: true, workerData: { requests, state, timeoutMs }, execArgv: [], env });
    Atomics.wait(view, 0, 0, timeoutMs);
  } catch {
    // No worker to be had: nothing is acknowledged, and that is said.
  }
  return new Set(requests.filter((_, index) => Atomics.load(view, index + 1) !== 0).map(({ name }) => name));
}
