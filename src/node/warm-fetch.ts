import { globalDispatcher, isBuiltIn, keepScope, scopedFetches, type Dispatcher } from '../google/request-scope.js';
import { tunnelTo } from './proxy.js';

/** Idle connections are closed after this time. Jobs take seconds or minutes; Google closes idle connections after four. */
const IDLE_MS = 240_000;
/** The system asks so often whether the other side of an idle connection is still there. */
const PROBE_MS = 15_000;
/** Most idle connections: cancel calls beyond that open their own. */
const MOST_IDLE = 64;
/** By HTTP/2 undici ends the process on Node 20, and cancels hang on Node 24. */
const OPTIONS = {
  connections: 1,
  allowH2: false,
  keepAliveTimeout: IDLE_MS,
  keepAliveMaxTimeout: IDLE_MS,
  headersTimeout: 0,
  bodyTimeout: 0,
};

interface DispatchOptions {
  readonly origin?: string | URL | undefined;
  readonly method: string;
  readonly path: string;
}

/** An `Agent` of undici with one connection. */
interface Connection extends Dispatcher {
  on(event: 'connect' | 'disconnect' | 'drain', listener: () => void): unknown;
  close(): Promise<void>;
}

/**
 * The core's `warmFetch()`, for Node, documented there: the runtime's `fetch`, over connections that are kept here. Runtimes
 * without undici see to that by themselves.
 */
export function warmFetch(): typeof fetch {
  const connections = new Connections();
  const warm: typeof fetch = async (input, init) => {
    const passOn = keepScope();
    let isReused = false as boolean;
    const send = (mayReuse: boolean): Promise<Response> => {
      const dispatch = (options: DispatchOptions, handler: unknown): boolean => {
        const idle = mayReuse ? connections.take(options) : undefined;
        isReused = idle !== undefined;
        return passOn(idle ?? connections.open(options), options, handler);
      };
      return fetch(input, Object.assign({}, init, { dispatcher: { dispatch } }));
    };
    try {
      return await send(true);
    } catch (error) {
      // The other side has closed the connection while it was idle.
      if (isReused && init?.signal?.aborted !== true && !(input instanceof Request)) return send(false);
      throw error;
    }
  };
  scopedFetches.add(warm);
  return warm;
}

class Connections {
  /** Those that lie idle, with their use. The one that was used last comes last. */
  readonly #idle = new Map<Connection, string>();

  /**
   * Takes an idle connection for a request that may be repeated. The other side may be closing it at this moment, and it would
   * then be in doubt whether a request that starts something was carried out.
   */
  take(options: DispatchOptions): Dispatcher | undefined {
    const { method, path } = options;
    const isRepeatable = method === 'GET' || method === 'HEAD' || /[/:]cancel$/.test(path.replace(/\?.*/, ''));
    const [idle] = [...this.#idle].findLast(([, use]) => isRepeatable && use === useOf(options)) ?? [];
    if (idle !== undefined) this.#idle.delete(idle);
    return idle;
  }

  /** Opens a connection, which is kept from the end of its answer on, until it is taken or closed. */
  open(options: DispatchOptions): Dispatcher {
    const shared = globalDispatcher() ?? { dispatch: () => false };
    // One of the application's own, such as a proxy or a mock, stays in charge.
    if (!isBuiltIn(shared)) return shared;
    const Agent = shared.constructor as new (options: object) => Connection;
    const connect = tunnelTo(String(options.origin)) ?? { keepAliveInitialDelay: PROBE_MS };
    const connection = new Agent({ ...OPTIONS, connect });
    let isOpen = false;
    connection.on('connect', () => (isOpen = true));
    connection.on('disconnect', () => {
      isOpen = false;
      this.#idle.delete(connection);
    });
    connection.on('drain', () => {
      if (isOpen && this.#idle.size < MOST_IDLE) this.#idle.set(connection, useOf(options));
      else void connection.close();
    });
    return connection;
  }
}

/** Streams have connections of their own: the others lie ready for cancel calls. */
const useOf = ({ origin, path }: DispatchOptions): string => `${String(origin)} ${path.includes('stream=true')}`;
