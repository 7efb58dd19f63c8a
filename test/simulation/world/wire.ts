import { matchRoute, type Route, type RouteMatch } from '../../../src/testing/routes.js';
import { resetError } from '../../../src/testing/reset-error.js';
import { serve } from '../../../src/testing/serve.js';
import type { Call } from './calls.js';
import type { SimulatedProcess } from './process.js';
import { SEEDS } from './server.js';
import type { Simulation } from './simulation.js';
import { Leaver, unlessAborted } from './leaver.js';

/** Requests whose way to the server matters as much as the way back: something may happen in between. */
const TAKES_EFFECT: readonly Route[] = [
  'create',
  'batch-create',
  'generateContent',
  'predict',
  'cancel',
  'batch-cancel',
];

/** The `fetch` of Node gives up by itself when an answer does not begin. */
const HEADERS_TIMEOUT = 'UND_ERR_HEADERS_TIMEOUT';
const HEADERS_TIMEOUT_MS = 300_000;

interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  readonly body: string;
}

/** The `fetch` of a process: each request, each answer and each event of a stream waits for its turn. */
export function wireOf(simulation: Simulation, process: SimulatedProcess): typeof fetch {
  return async (input, init) => {
    const sent = await sentBy(input, init);
    sent.signal?.throwIfAborted();
    const match = matchRoute(sent.method, sent.url);
    const call = simulation.log.open(callOf(simulation, process, match, sent.body));
    const leaver = new Leaver();
    const forget = process.life.onDeath(() => leaver.leave());
    const leave = (): void => {
      call.outcome ??= 'aborted';
      leaver.leave();
    };
    let timer: number | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = simulation.clock.setTimeout(() => {
        leave();
        reject(failed(HEADERS_TIMEOUT));
      }, HEADERS_TIMEOUT_MS);
    });
    const answer = Promise.race([exchange(simulation, process, call, sent, leaver), timeout]);
    try {
      return await unlessAborted(answer, sent.signal, leave);
    } finally {
      simulation.clock.clearTimeout(timer);
      if (call.route !== 'stream') forget();
    }
  };
}

async function exchange(
  simulation: Simulation,
  process: SimulatedProcess,
  call: Call,
  sent: Sent,
  leaver: Leaver,
): Promise<Response> {
  const turn = async (what: string): Promise<void> => {
    await process.life.gate();
    await simulation.driver.turn(`${process.pid} ${what} ${call.route}`);
    await process.life.gate();
  };
  const isRefused = process.takeRefusal();
  if (isRefused || TAKES_EFFECT.includes(call.route)) await turn('→');
  if (isRefused) {
    simulation.log.delivered(call, 'refused');
    throw failed('ECONNREFUSED');
  }
  if (leaver.hasLeft()) return new Promise(() => undefined);
  const response = await serve(simulation.server, simulation.log.requestFor(call, sent, leaver));
  simulation.log.answered(call);
  await turn('←');
  if (leaver.hasLeft()) return new Promise(() => undefined);
  simulation.log.delivered(call, response.type === 'error' ? 'reset' : 'answered');
  if (response.type === 'error') throw new TypeError('fetch failed', { cause: resetError() });
  const isStream = response.headers.get('content-type') === 'text/event-stream' && response.body !== null;
  return isStream ? new Response(eventsOf(response.body, sent, leaver, call, turn), response) : response;
}

function failed(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

/** A stream whose pieces wait for their turn. It breaks when its reader is gone, as a socket does. */
function eventsOf(
  body: ReadableStream<Uint8Array>,
  { signal }: Sent,
  leaver: Leaver,
  call: Call,
  turn: (what: string) => Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const leave = (): void => leaver.leave();
  const next = async (): Promise<{ done: boolean; value?: Uint8Array | undefined }> => {
    const piece = await reader.read();
    await turn('⇠');
    return piece;
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await unlessAborted(next(), signal, leave);
          if (value !== undefined && new TextDecoder().decode(value).startsWith('event: interaction.completed')) {
            call.toldOfEnd = true;
          }
          if (done) controller.close();
          else if (value !== undefined) controller.enqueue(value);
        } catch (error) {
          controller.error(signal?.aborted === true ? signal.reason : new TypeError('terminated', { cause: error }));
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

async function sentBy(input: string | URL | Request, init: RequestInit | undefined): Promise<Sent> {
  if (input instanceof Request) {
    const { url, method, headers, signal } = input;
    return { url: new URL(url), method, headers, signal, body: await input.text() };
  }
  const { method = 'GET', headers, signal, body } = init ?? {};
  const text = typeof body === 'string' ? body : '';
  return { url: new URL(input), method, headers: new Headers(headers), signal: signal ?? undefined, body: text };
}

/** What a request is about. */
export function callOf(
  simulation: Pick<Simulation, 'rootNumbered'>,
  process: Pick<SimulatedProcess, 'pid'>,
  match: RouteMatch,
  body: string,
): Omit<Call, 'seq' | 'at' | 'turn'> {
  const { route, id, collection } = match;
  const seeds = Array.from(body.matchAll(/"seed":(\d+)/g), ([, digits]) => Number(digits));
  const samples = Number(/"sampleCount":(\d+)/.exec(body)?.[1] ?? 1);
  const ofFile = /gs:\/\/in\/(\d+)\.jsonl/.exec(body)?.[1];
  const root = ofFile === undefined ? seeds.map((seed) => Math.floor(seed / SEEDS))[0] : Number(ofFile);
  const indices =
    ofFile === undefined
      ? seeds.flatMap((seed) => Array.from({ length: samples }, (_, sample) => (seed % SEEDS) + sample))
      : (simulation.rootNumbered(Number(ofFile))?.indices ?? []);
  const name = id === undefined ? undefined : `${collection ?? 'interactions'}/${id}`;
  return {
    process: process.pid,
    route,
    indices,
    ...(name === undefined ? {} : { name }),
    ...(root === undefined ? {} : { root }),
  };
}
