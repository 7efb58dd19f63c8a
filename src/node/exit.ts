import { Worker } from 'node:worker_threads';
import type { PreparedCancel } from '../google/port.js';
import type { ExitParticipant } from '../operation/platform.js';
import { howToCancel } from '../api/job-name.js';
import { say } from './terminal.js';

/**
 * The worker's program. In an `exit` listener only synchronous work counts, so the requests are made by another thread,
 * again and again until they are answered. It is plain CommonJS in a string: there is no file to find after bundling.
 */
const workerProgram = `
const { workerData: { requests, state, deadline } } = require('node:worker_threads');
const view = new Int32Array(state);
const isTransient = (status) => status === 408 || status === 429 || status >= 500;
async function send({ url, method, headers }, index) {
  while (Date.now() < deadline) {
    try {
      const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(Math.max(1, deadline - Date.now())) });
      if (response.ok || response.status === 499) return Atomics.store(view, index + 1, 1);
      if (!isTransient(response.status)) return;
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
Promise.all(requests.map(send)).finally(() => {
  Atomics.store(view, 0, 1);
  Atomics.notify(view, 0);
});
`;

/**
 * The exit path: sends the cancel calls that no server has acknowledged yet while the main thread waits, bounded by
 * `exitMs`. Runs inside an `exit` listener, so it never throws.
 */
export function sendPendingCancels(operations: readonly ExitParticipant[]): void {
  const pending = operations.filter(({ exitMs }) => exitMs > 0);
  const requests = pending.flatMap((operation) => operation.pendingCancels());
  if (requests.length === 0) return;
  const timeoutMs = Math.max(...pending.map(({ exitMs }) => exitMs));
  for (const { name } of sendWithin(timeoutMs, requests)) {
    say(`the process left before the server took the cancel of ${name}. Stop it with: ${howToCancel(name)}`);
  }
}

/** Returns the requests that the server did not acknowledge in time. */
function sendWithin(timeoutMs: number, requests: readonly PreparedCancel[]): readonly PreparedCancel[] {
  const state = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (requests.length + 1));
  const view = new Int32Array(state);
  try {
    const workerData = { requests, state, deadline: Date.now() + timeoutMs };
    // No execArgv: a loader or inspector of the application would cost the time that the cancels need.
    new Worker(workerProgram, { eval: true, workerData, execArgv: [] });
    Atomics.wait(view, 0, 0, timeoutMs);
  } catch {
    // No worker to be had: nothing is acknowledged, and that is said.
  }
  return requests.filter((_, index) => Atomics.load(view, index + 1) === 0);
}
