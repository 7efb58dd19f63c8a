import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { temporaryFolder } from '../scripts/support/command.mjs';

const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
  keyType: 'ec',
  extensions: [
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
  ],
});
const PEM = join(temporaryFolder('bench-certificate').path, 'localhost.pem');
writeFileSync(PEM, [pems.cert, pems.private].join('\n'));

/** Another process of the benchmark, which answers one message after the other. */
export class Peer {
  #child;
  #said = '';

  constructor(file, options = {}) {
    this.#child = fork(new URL(file, import.meta.url), [JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--expose-gc'],
      env: { ...process.env, NODE_EXTRA_CA_CERTS: PEM, GOOGLE_API_KEY: '', GEMINI_API_KEY: '' },
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.#said = (this.#said + text).slice(-2_000)));
  }

  /** Takes the next message, which the other process sends by itself when it is ready. */
  async heard() {
    const over = new AbortController();
    const { signal } = over;
    const ended = once(this.#child, 'exit', { signal }).then(([code]) => {
      throw new Error(`A process of the benchmark ended with ${code}: ${this.#said}`);
    });
    try {
      const [message] = await Promise.race([once(this.#child, 'message', { signal }), ended]);
      return message;
    } finally {
      ended.catch(() => undefined);
      over.abort();
    }
  }

  ask(message) {
    const answer = this.heard();
    this.#child.send(message);
    return answer;
  }

  kill(signal) {
    this.#child.kill(signal);
    return this.#child.exitCode === null && this.#child.signalCode === null ? once(this.#child, 'exit') : undefined;
  }

  end() {
    this.#child.removeAllListeners();
    this.#child.disconnect();
  }
}

/** The system's monotonic clock, which all processes share, in ms. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

/** Opens the server, and networks of these lengths before it. `url` gives the address at a distance: 0 is plain HTTP. */
export async function openStage(distances) {
  const server = new Peer('server.mjs');
  const ports = await server.heard();
  const network = new Peer('distance.mjs');
  const routes = distances.flatMap((roundTripMs) =>
    ['tls', 'othersTls'].map((to) => ({ roundTripMs, port: ports[to] })),
  );
  const far = await network.ask(routes);
  const portAt = (roundTripMs, isOther) => far[distances.indexOf(roundTripMs) * 2 + (isOther ? 1 : 0)];
  const url = (roundTripMs, side = '') => {
    const isOther = /replicate|fal/.test(side);
    if (roundTripMs > 0) return `https://localhost:${portAt(roundTripMs, isOther)}`;
    return `http://127.0.0.1:${isOther ? ports.others : ports.plain}`;
  };
  const end = () => [server, network].forEach((peer) => peer.end());
  return { take: (reset = false) => server.ask({ reset }), url, bigUrl: `http://127.0.0.1:${ports.others}`, end };
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function shuffled(list) {
  return list
    .map((item) => [Math.random(), item])
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
