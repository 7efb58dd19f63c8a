import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';

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
    const request = askFor(path, proxy).once('error', onConnected);
    request.once('timeout', () => request.destroy(new Error(`connect ETIMEDOUT ${proxy.host}`)));
    request.once('connect', ({ statusCode }, socket) => {
      socket.setTimeout(0);
      if (statusCode !== 200) {
        socket.destroy();
        onConnected(new Error(`Proxy response (${String(statusCode)}) !== 200 when HTTP Tunneling`));
      } else if (isSecure) {
        const secure = connect({ socket, host, servername: isIP(host) === 0 ? host : '' });
        secure.once('secureConnect', () => onConnected(null, secure)).once('error', onConnected);
      } else onConnected(null, socket);
    });
  };
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

function askFor(path: string, { protocol, href, username, password }: URL): http.ClientRequest {
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const headers = { host: path, ...(username !== '' && { 'proxy-authorization': `Basic ${login}` }) };
  const options = { method: 'CONNECT', path, headers, agent: false, auth: null, timeout: CONNECT_MS };
  return (protocol === 'https:' ? https : http).request(href, options).end();
}
