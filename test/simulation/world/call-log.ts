import type { Call } from './calls.js';
import type { Simulation } from './simulation.js';

/** Where calls are logged. */
export type LoggedWorld = Pick<Simulation, 'turn' | 'nextSeq' | 'note'> & {
  readonly clock: Pick<Simulation['clock'], 'now'>;
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
  open(given: Omit<Call, 'seq' | 'at' | 'turn'>): Call {
    const { clock, turn } = this.#simulation;
    const call = { ...given, seq: this.#simulation.nextSeq(), at: clock.now(), turn };
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

  /** The server has answered: the answer is on its way. */
  answered(call: Call): void {
    const { work } = this.#simulation.server;
    call.wasEnded = work.some(({ record }) => record.name === call.name && record.endedAt !== undefined);
    this.link(call);
  }

  /** Finds what the meter has of it. */
  link(call: Call): void {
    const { requests } = this.#simulation.server.meter;
    call.record ??= requests.findLast(({ apiClient }) => apiClient === `call-${call.seq}`);
  }

  /** The library gets to know. */
  delivered(call: Call, outcome: NonNullable<Call['outcome']>): void {
    call.outcome = outcome;
    call.deliveredSeq = this.#simulation.nextSeq();
    call.deliveredAt = this.#simulation.clock.now();
    this.#simulation.note(() => {
      const { status, faults = [], job } = call.record ?? {};
      return `${call.process} hears ${describeCall(call)}: ${outcome} ${status ?? ''} ${faults.join('+')} ${job ?? ''}`;
    });
  }
}

function describeCall({ seq, route, name, root, indices }: Call): string {
  const about = name ?? (root === undefined ? '' : `${root}[${indices.join(',')}]`);
  return `${route} ${about} (${seq})`;
}
