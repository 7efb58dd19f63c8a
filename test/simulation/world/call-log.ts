import { isCreate, type Call, type Moment } from './calls.js';
import type { Simulation } from './simulation.js';

/** The part of a world that a call log needs. */
export type LoggedWorld = Pick<Simulation, 'moment' | 'note'> & {
  readonly server: Pick<Simulation['server'], 'work' | 'meter'>;
};

/** All requests of a run, and what came of them. */
export class CallLog {
  readonly calls: Call[] = [];
  readonly #simulation: LoggedWorld;

  constructor(simulation: LoggedWorld) {
    this.#simulation = simulation;
  }

  /** The library has handed a request over. */
  open(given: Omit<Call, keyof Moment>): Call {
    const first = isCreate(given) ? this.calls.find((before) => isSameJob(before, given)) : undefined;
    const tried = first === undefined ? {} : { triedSince: first.at };
    const call: Call = { ...given, ...tried, ...this.#simulation.moment() };
    this.calls.push(call);
    this.#simulation.note(() => `${call.process} sends ${describeCall(call)}`);
    return call;
  }

  /** The request as the emulator gets it. */
  requestFor(
    { seq }: Call,
    { url, method, headers, body }: { url: URL; method: string; headers: Headers; body: string },
    { signal }: { signal: AbortSignal },
  ): Request {
    // The field is free to tell the records of the meter apart by: nobody else looks at it.
    const get = (name: string): string | null => (name === 'x-goog-api-client' ? `call-${seq}` : headers.get(name));
    return {
      url: url.href,
      method,
      signal,
      headers: { get },
      text: () => Promise.resolve(body),
    } as unknown as Request;
  }

  /** The server has answered: the answer is on its way. `text`: of an answer that may be older. */
  answered(call: Call, text?: string): void {
    const { work } = this.#simulation.server;
    this.link(call);
    const name = call.name ?? call.record?.job;
    const job = work.find(({ record }) => record.name === name);
    const isTold = (word: string): boolean => text === undefined || text.includes(`"${word}"`);
    call.wasEnded = job?.record.endedAt !== undefined && isTold(job.record.status);
    call.wasBegun = job?.record.startedAt !== undefined && isTold('completionStats');
  }

  /** Finds what the meter has of it. */
  link(call: Call): void {
    const { requests } = this.#simulation.server.meter;
    call.record ??= requests.findLast(({ apiClient }) => apiClient === `call-${call.seq}`);
  }

  /** The library gets to know. */
  delivered(call: Call, outcome: NonNullable<Call['outcome']>): void {
    call.outcome = outcome;
    call.delivered = this.#simulation.moment();
    this.#simulation.note(() => {
      const { status, faults = [], job } = call.record ?? {};
      return `${call.process} hears ${describeCall(call)}: ${outcome} ${status ?? ''} ${faults.join('+')} ${job ?? ''}`;
    });
  }
}

function isSameJob(one: Call, other: Omit<Call, keyof Moment>): boolean {
  const isSameImage = one.root === other.root && one.indices[0] === other.indices[0];
  return one.route === other.route && one.process === other.process && isSameImage;
}

function describeCall({ seq, route, name, root, indices }: Call): string {
  const about = name ?? (root === undefined ? '' : `${root}[${indices.join(',')}]`);
  return `${route} ${about} (${seq})`;
}
