import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Emulator, EmulatorServer, ListenOptions } from '../emulator.js';

type Handle = Emulator['handle'];

export async function listen(handle: Handle, { port = 0, host = '127.0.0.1' }: ListenOptions): Promise<EmulatorServer> {
  let connections = 0;
  let activeRequests = 0;
  const server = createServer((incoming, outgoing) => {
    activeRequests += 1;
    outgoing.once('close', () => (activeRequests -= 1));
    exchange(handle, incoming, outgoing).catch(() => outgoing.destroy());
  });
  // As Google's: idle connections stay open, and no header tells for how long.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => (connections -= 1));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const { port: actualPort } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      // An error here only says that it is closed already.
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    port: actualPort,
    get connections() {
      return connections;
    },
    get activeRequests() {
      return activeRequests;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function exchange(handle: Handle, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const left = new AbortController();
  // Not request.on('close'), which fires as soon as the body has been read.
  outgoing.once('close', () => {
    if (!outgoing.writableEnded) left.abort();
  });
  const response = await handle(await webRequest(incoming, left.signal));
  if (response.type === 'error') return void incoming.socket.resetAndDestroy();
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  // At once: the client of a stream must not wait for its first event to learn that it is open.
  outgoing.flushHeaders();
  // A stream that breaks throws; the caller then breaks the connection.
  for await (const piece of response.body ?? []) {
    // Until it has been handed to the system, so that breaking the connection does not take it back.
    await new Promise<void>((resolve, reject) => outgoing.write(piece, (error) => (error ? reject(error) : resolve())));
  }
  outgoing.end();
}

async function webRequest(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const { method = 'GET', headers, url = '/' } = incoming;
  const bytes = await buffer(incoming);
  const body = bytes.length > 0 && method !== 'GET' && method !== 'HEAD' ? { body: bytes } : {};
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, [value].flat().join(', ')]);
  return new Request(new URL(url, `http://${headers.host ?? 'localhost'}`), {
    method,
    headers: pairs,
    signal,
    ...body,
  });
}
