import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

/** Idle connections are closed after this time. Jobs take seconds or minutes; Google closes idle connections after four. */
const IDLE_MS = 240_000;
/** The system asks so often whether the other side of an idle connection is still there. */
const PROBE_MS = 15_000;
/** Most idle connections to one server: cancel calls beyond that open their own. */
const MOST_IDLE = 64;

/** Connections by use. A `fresh` one has never been idle. Afterwards it is kept. */
export type ConnectionUse = 'stream' | 'kept' | 'fresh';

type OnConnected = (error: Error | null, socket?: Duplex) => void;
/** Documented by Node, and missing in its types. */
interface OpenAgent {
  freeSockets: object;
  createConnection(options: RequestOptions, onConnected?: OnConnected): Duplex | undefined;
}

/** Returns how to begin a request to http(s): streams must not take the connections that lie ready for cancel calls. */
export function createAgents(): (url: URL, use: ConnectionUse, options: RequestOptions) => ClientRequest {
  const agents = {
    'http:': { stream: agentOf(http.Agent), kept: agentOf(http.Agent) },
    'https:': { stream: agentOf(https.Agent), kept: agentOf(https.Agent) },
  };
  return (url, use, options) => {
    const isSecure = url.protocol === 'https:';
    const agent = agents[isSecure ? 'https:' : 'http:'][use === 'stream' ? 'stream' : 'kept'];
    const begin = (): ClientRequest => (isSecure ? https : http).request(url, { ...options, agent });
    return use === 'fresh' ? withoutIdle(agent as unknown as OpenAgent, begin) : begin();
  };
}

/** The agent looks for an idle connection before `begin` returns. */
function withoutIdle(agent: OpenAgent, begin: () => ClientRequest): ClientRequest {
  const { freeSockets } = agent;
  agent.freeSockets = {};
  try {
    return begin();
  } finally {
    agent.freeSockets = freeSockets;
  }
}

function agentOf(Agent: typeof http.Agent): http.Agent {
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: PROBE_MS, timeout: IDLE_MS, maxFreeSockets: MOST_IDLE });
  const isSecure = agent instanceof https.Agent;
  const open = agent as unknown as OpenAgent;
  const connect = open.createConnection.bind(agent);
  open.createConnection = (options, onConnected) => {
    const host = String(options.host);
    const authority = `${host.includes(':') ? `[${host}]` : host}:${String(options.port)}`;
    const proxy = proxyOf(`${isSecure ? 'https' : 'http'}://${authority}`);
    if (proxy === undefined) return connect(options, onConnected);
    openTunnel(proxy, authority, (error, socket) => {
      // An option of `tls.connect()`: the connection to speak TLS over.
      if (error === null && isSecure) onConnected?.(null, connect({ ...options, socket } as RequestOptions));
      else onConnected?.(error, socket);
    });
    return undefined;
  };
  return agent;
}

/** Reads the variables anew for each connection, as curl does: lower case wins. */
function proxyOf(target: string): URL | undefined {
  const { protocol, hostname, host } = new URL(target);
  const valueOf = (name: string): string => process.env[name] || process.env[name.toUpperCase()] || '';
  const exempt = valueOf('no_proxy')
    .toLowerCase()
    .split(/[\s,]+/);
  const isExempt = exempt.some((entry) => {
    const name = entry.replace(/^\*?\./, '');
    return entry === '*' || name === hostname || name === host || (name !== '' && `.${hostname}`.endsWith(`.${name}`));
  });
  const address = valueOf(`${protocol.slice(0, -1)}_proxy`);
  if (isExempt || address === '') return undefined;
  return new URL(address.includes('://') ? address : `http://${address}`);
}

function openTunnel(proxy: URL, authority: string, onConnected: OnConnected): void {
  const { username, password, protocol } = proxy;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers = { host: authority, ...(username !== '' && { 'proxy-authorization': `Basic ${login}` }) };
  const options = { method: 'CONNECT', path: authority, headers, agent: false, auth: null };
  const request = (protocol === 'https:' ? https : http).request(proxy, options);
  request.once('connect', ({ statusCode }, socket) => {
    if (statusCode === 200) return onConnected(null, socket);
    socket.destroy();
    return onConnected(new Error(`Proxy response (${String(statusCode)}) !== 200 when HTTP Tunneling`));
  });
  request.once('error', onConnected).end();
}
