import { matchRoute, type Route, type RouteMatch } from '../../../src/testing/routes.js';
import { resetError } from '../../../src/testing/sse.js';
import { serve } from '../../../src/testing/serve.js';
import { isCreate, isRead, type Call, type Moment } from './calls.js';
import type { SimulatedProcess } from './process.js';
import { QUOTED_PROMPT, SEEDS } from './server.js';
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

/** A proxy that has lost an answer sends the request again after this time. */
const REPEAT_MS = 1_000;

interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  readonly body: string;
}

/** The `fetch` of a process: each request, each answer and each event of a stream waits for its turn. */
export function wireOf(simulation: Simulation, process: SimulatedProcess, isVertex: boolean): typeof fetch {
  return async (input, init) => {
    const sent = await sentBy(input, init);
    sent.signal?.throwIfAborted();
    if (process.life.state === 'dead') return new Promise(() => undefined);
    const match = matchRoute(sent.method, sent.url);
    // A server may give less than it was asked for.
    if (match.route === 'batch-list') sent.url.searchParams.set('pageSize', String(simulation.pageSize));
    const call = simulation.log.open(callOf(simulation, process, isVertex, match, sent.body));
    const leaver = new Leaver();
    const forget = process.life.onDeath(() => leaver.leave());
    const leave = (): void => {
      call.outcome ??= 'aborted';
      call.leftAt ??= simulation.clock.now();
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
  if (leaver.hasLeft()) return new Promise(() => undefined);
  if (isRefused) {
    simulation.log.delivered(call, 'refused');
    throw failed('ECONNREFUSED');
  }
  let response = await answerTo(simulation, call, sent, leaver);
  simulation.log.answered(call, await textIfLate(simulation, response, call));
  if (isCreate(call) && call.record?.faults.includes('cut-body') === true) response = await lookForName(call, response);
  else if (isCreate(call) && [400, 404, 429].includes(response.status)) await readError(call, response.clone(), sent);
  await turn('←');
  if (leaver.hasLeft()) return new Promise(() => undefined);
  simulation.log.delivered(call, response.type === 'error' ? 'reset' : 'answered');
  if (response.type === 'error') throw new TypeError('fetch failed', { cause: resetError() });
  const isStream = response.headers.get('content-type') === 'text/event-stream' && response.body !== null;
  if (call.route === 'batch-list') return withNames(response, sent.url, call);
  return isStream
    ? new Response(
        eventsOf(response.body as ReadableStream<Uint8Array>, simulation, sent, leaver, call, turn),
        response,
      )
    : response;
}

/** Looks whether an answer breaks off before the name of its job, and gives another one that breaks off in the same way. */
async function lookForName(call: Call, { body, status, headers }: Response): Promise<Response> {
  const pieces: Uint8Array[] = [];
  let broken: unknown;
  try {
    for await (const piece of body ?? []) pieces.push(piece as Uint8Array);
  } catch (error) {
    broken = error;
  }
  const id = call.record?.job?.split('/').at(-1) ?? '';
  call.isNameless = !Buffer.concat(pieces).toString().includes(`${id}"`);
  const again = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces.shift();
        if (piece !== undefined) controller.enqueue(piece);
        else if (broken === undefined) controller.close();
        else controller.error(broken);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(again, { status, headers });
}

/** Notes what a refusal says, for the judge. */
export async function readError(call: Call, response: Response, { body }: Pick<Sent, 'body'>): Promise<void> {
  const { status, headers } = response;
  const text = await response.text();
  // A prompt that is quoted says nothing (S8).
  const words = body.includes(QUOTED_PROMPT) ? text.replaceAll(QUOTED_PROMPT, '') : text;
  call.isRefused = status === 400 && /\bbackground\b/.test(words);
  call.isModelUnknown = text.includes('model_not_found');
  const told = /"retryDelay":"([\d.]+)s"/.exec(text)?.[1] ?? headers.get('retry-after') ?? '0';
  const ms = Number(told) * 1_000;
  call.retryDelayMs = Number.isNaN(ms) ? Date.parse(told) - Date.parse(headers.get('date') ?? '') : ms;
}

/** A proxy may send the create of a batch twice, and lose both answers. */
async function answerTo(simulation: Simulation, call: Call, sent: Sent, leaver: Leaver): Promise<Response> {
  const send = (): Promise<Response> => serve(simulation.server, simulation.log.requestFor(call, sent, leaver));
  const isRepeated = call.route === 'batch-create' && simulation.repeated.delete(call.root ?? 0);
  if (!isRepeated) return send();
  await send();
  await simulation.server.sleep(REPEAT_MS);
  await send();
  simulation.tally.count('fault', 'repeated create');
  return Response.error();
}

/** A late answer tells how the job was when it was asked about. */
async function textIfLate({ log }: Simulation, response: Response, call: Call): Promise<string | undefined> {
  log.link(call);
  const isLate = call.record?.faults.includes('delay') === true && response.type !== 'error';
  if (!isLate || !isRead(call)) return undefined;
  try {
    return await response.clone().text();
  } catch {
    // The body breaks off.
    return undefined;
  }
}

async function withNames(response: Response, { searchParams }: URL, call: Call): Promise<Response> {
  const text = await response.text();
  call.listed = Array.from(text.matchAll(/"name":"([^"]+)"/g), ([, name]) => name ?? '');
  call.page = searchParams.get('pageToken') ?? undefined;
  call.nextPage = /"nextPageToken":"([^"]+)"/.exec(text)?.[1];
  return new Response(text, response);
}

function failed(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

/** A stream whose pieces wait for their turn. It breaks when its reader is gone, as a socket does. */
function eventsOf(
  body: ReadableStream<Uint8Array>,
  simulation: Simulation,
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
            call.toldOfEnd = simulation.moment();
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

/** Tells what a request is about. */
export function callOf(
  simulation: Pick<Simulation, 'rootNumbered'>,
  process: Pick<SimulatedProcess, 'pid'>,
  isVertex: boolean,
  match: RouteMatch,
  body: string,
): Omit<Call, keyof Moment> {
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
    isVertex,
    route,
    indices,
    ...(name === undefined ? {} : { name }),
    ...(root === undefined ? {} : { root }),
  };
}
