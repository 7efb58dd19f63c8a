/** The server of the benchmark, in a process of its own: the emulator and two other services, with TLS in front of both. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createEmulator } from '../dist/testing/node.js';

/** One clock for all processes: the system's monotonic one. */
const now = () => Number(process.hrtime.bigint()) / 1e6;
const clock = {
  now,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};
const emulator = createEmulator({ clock, queueMs: 0, workMs: 600_000, warn: () => undefined });
const plain = await emulator.listen();
const pem = readFileSync(process.env.NODE_EXTRA_CA_CERTS);
/** When cancels arrived that came by TLS: noted where they are decrypted, before the server has its work with others. */
const noted = [];
const CANCEL = /^(?:POST|PUT) \S+\/cancel(?:\?\S*)? HTTP/;

const cancelled = new Set();

/** Jobs in the words of replicate and of fal, which never end unless they are cancelled. */
function otherJob({ method, url, headers }) {
  const isCancel = url.endsWith('/cancel');
  const isCreate = method === 'POST' && !isCancel;
  const id = isCreate ? `job-${String(now()).replace('.', '-')}` : /job-[\d-]+/.exec(url)?.[0];
  const at = `https://${headers.host}/v1/predictions/${id}`;
  const fal = `https://${headers.host}/fal-ai/flux/requests/${id}`;
  if (isCancel) cancelled.add(id);
  const words = url.startsWith('/fal-ai/') ? ['IN_PROGRESS', 'COMPLETED'] : ['processing', 'canceled'];
  const status = words[cancelled.has(id) ? 1 : 0];
  const urls = { urls: { get: at, cancel: `${at}/cancel` }, status_url: `${fal}/status`, cancel_url: `${fal}/cancel` };
  return { id, request_id: id, response_url: fal, status, ...urls };
}

/** An interaction that has ended when it is asked for, with an image of so many bytes. */
const finished = (bytes) => {
  const image = { type: 'image', mime_type: 'image/jpeg', data: Buffer.alloc(bytes, 'image').toString('base64') };
  const done = { id: 'a', status: 'completed', model: 'gemini-3.1-flash-image' };
  return [
    { event_type: 'interaction.created', interaction: { ...done, status: 'in_progress' }, event_id: '1' },
    { event_type: 'step.start', index: 0, step: { type: 'model_output' }, event_id: '2' },
    { event_type: 'step.delta', index: 0, delta: image, event_id: '3' },
    { event_type: 'step.stop', index: 0, event_id: '4' },
    { event_type: 'interaction.completed', interaction: done, event_id: '5' },
  ].map((event) => `event: ${event.event_type}\ndata: ${JSON.stringify(event)}\n\n`);
};
const streams = { small: finished(1_000).join(''), large: finished(1_500_000).join('') };

const others = createServer((request, response) => {
  const isStream = request.url.includes('stream=true');
  response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json');
  request.resume().once('end', () => {
    if (isStream) response.end(streams[request.url.split('/')[1]]);
    else if (request.url.endsWith('/interactions')) response.end('{"id":"a","status":"in_progress"}');
    else response.end(JSON.stringify(otherJob(request)));
  });
});
others.keepAliveTimeout = 0;

const listen = (server) => new Promise((resolve) => server.listen(0, () => resolve(server.address().port)));
const secured = (port) =>
  listen(
    createTlsServer({ key: pem, cert: pem }, (socket) => {
      const inner = connect(port);
      for (const end of [socket.setNoDelay(), inner.setNoDelay()]) end.on('error', () => undefined);
      socket.on('data', (piece) => CANCEL.test(piece.subarray(0, 400).latin1Slice()) && noted.push(now()));
      socket.pipe(inner).pipe(socket);
      socket.once('close', () => inner.destroy());
    }),
  );

/** Tells when cancels arrived since it was last asked. */
let told = 0;
let isFar = false;
function take({ reset }) {
  const cancels = emulator.meter.requestsTo('cancel').map(({ at }) => at);
  if (noted.length > 0) isFar = true;
  const arrivals = isFar ? noted.splice(0) : cancels.slice(told);
  told = cancels.length;
  if (reset) {
    emulator.reset();
    told = 0;
    isFar = false;
  }
  return arrivals;
}

process.on('message', (message) => process.send(take(message)));
process.once('disconnect', () => process.exit());
const othersPort = await listen(others);
const [tls, othersTls] = [await secured(plain.port), await secured(othersPort)];
process.send({ plain: plain.port, tls, others: othersPort, othersTls });
