import type { RequestOptions } from 'node:http';
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

/**
 * Asks the proxy for a connection to `path`, and secures it where there is a `host`. It loads first what it needs: a socket
 * that waits for a module would have nobody to take its errors.
 */
async function openTunnel(proxy: URL, path: string, host: string | undefined): Promise<Duplex> {
  const client = proxy.protocol === 'https:' ? import('node:https') : import('node:http');
  const [{ request: send }, { connect }, { isIP }] = await Promise.all([
    client,
    import('node:tls'),
    import('node:net'),
  ]);
  return new Promise((resolve, reject) => {
    const request = send(proxy.href, optionsFor(path, proxy)).once('error', reject).end();
    request.once('timeout', () => request.destroy(new Error(`connect ETIMEDOUT ${proxy.host}`)));
    request.once('connect', ({ statusCode }, socket) => {
      socket.setTimeout(0);
      if (statusCode !== 200) {
        socket.destroy();
        reject(new Error(`Proxy response (${String(statusCode)}) !== 200 when HTTP Tunneling`));
      } else if (host !== undefined) {
        const secure = connect({ socket, host, servername: isIP(host) === 0 ? host : '' });
        secure.once('secureConnect', () => resolve(secure)).once('error', reject);
      } else resolve(socket);
    });
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

function optionsFor(path: string, { username, password }: URL): RequestOptions {
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers = { host: path, ...(username !== '' && { 'proxy-authorization': `Basic ${login}` }) };
  return { method: 'CONNECT', path, headers, agent: false, auth: null, timeout: CONNECT_MS };
}
