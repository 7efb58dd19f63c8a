import type { ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';

const CONNECT_MS = 10_000;

/** How undici opens a connection. */
type Connector = (options: object, onConnected: (error: Error | null, socket?: Duplex) => void) => void;

/** Returns how to connect to a server by the proxy that the environment names for it; `undefined` if it names none. */
export function tunnelTo(origin: string): Connector | undefined {
  const target = new URL(origin);
  const isSecure = target.protocol === 'https:';
  const proxy = proxyFor(target);
  if (proxy === undefined) return undefined;
  const path = `${target.hostname}:${target.port || (isSecure ? 443 : 80)}`;
  const host = target.hostname.replace(/^\[|\]$/g, '');
  return (_, onConnected) => {
    openTunnel(proxy, path, isSecure ? host : undefined).then((socket) => onConnected(null, socket), onConnected);
  };
}

/** Asks the proxy for a connection to `path`, and secures it where there is a `host`. */
async function openTunnel(proxy: URL, path: string, host: string | undefined): Promise<Duplex> {
  const request = await askFor(path, proxy);
  const tunnel = await new Promise<Duplex>((resolve, reject) => {
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error(`connect ETIMEDOUT ${proxy.host}`)));
    request.once('connect', ({ statusCode }, socket) => {
      socket.setTimeout(0);
      if (statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new Error(`Proxy response (${String(statusCode)}) !== 200 when HTTP Tunneling`));
      }
    });
  });
  if (host === undefined) return tunnel;
  const [{ connect }, { isIP }] = await Promise.all([import('node:tls'), import('node:net')]);
  const secure = connect({ socket: tunnel, host, servername: isIP(host) === 0 ? host : '' });
  return new Promise((resolve, reject) => {
    secure.once('secureConnect', () => resolve(secure)).once('error', reject);
  });
}

/** Reads the variables anew for each connection, as curl does: lower case wins. */
function proxyFor({ protocol, hostname, host }: URL): URL | undefined {
  const valueOf = (name: string): string => process.env[name] ?? process.env[name.toUpperCase()] ?? '';
  const exempt = valueOf('no_proxy')
    .split(/[\s,]+/)
    .map((entry) => entry.toLowerCase().replace(/^\*?\./, ''));
  const isExempt = exempt.some(
    (name) => name === '*' || name === host || (name && `.${hostname}`.endsWith(`.${name}`)),
  );
  const address = valueOf(`${protocol.slice(0, -1)}_proxy`);
  if (isExempt || address === '') return undefined;
  return new URL(address.includes('://') ? address : `http://${address}`);
}

/** Loads what it needs: without a proxy nothing else uses that. */
async function askFor(path: string, { protocol, href, username, password }: URL): Promise<ClientRequest> {
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers = { host: path, ...(username !== '' && { 'proxy-authorization': `Basic ${login}` }) };
  const options = { method: 'CONNECT', path, headers, agent: false, auth: null, timeout: CONNECT_MS };
  const { request } = await (protocol === 'https:' ? import('node:https') : import('node:http'));
  return request(href, options).end();
}
