import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { GoogleGenAI } from '@google/genai';
import { signalFromRequest } from '../../src/http.js';
import { cancelable, type CancelableImages, type Operation } from '../../src/node.js';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../src/testing/http/index.js';

/** How often a handler that streams writes. */
const HEARTBEAT_MS = 250;

/** The view that an application had of one request. */
export interface Exchange {
  readonly operation: Operation;
  /** Whether its signal has aborted. */
  readonly left: boolean;
  /** Resolves when the operation has settled. */
  readonly settled: Promise<unknown>;
}

/** A server that makes images, behind which an emulator plays Google. */
export interface Application {
  readonly port: number;
  /** Serves the same on another port. */
  readonly secondPort: number;
  readonly emulator: Emulator;
  readonly images: CancelableImages;
  /** The exchanges by the name that the client gave them, which is their prompt. */
  readonly exchanges: ReadonlyMap<string, readonly Exchange[]>;
  /** Its side of the connections that are open, with the listeners for its end that a new one has. */
  readonly sockets: ReadonlyMap<Socket, number>;
  close(): Promise<void>;
}

/**
 * Starts one. Its paths end in the name of an exchange:
 * - `/silent/NAME` answers with the image, and says nothing before;
 * - `/stream/NAME` writes a line four times a second, and then the image;
 * - `DELETE` of either cancels.
 */
export async function startApplication(options: EmulatorOptions): Promise<Application> {
  const emulator = createEmulator(options);
  const google = await emulator.listen();
  const ai = new GoogleGenAI({ apiKey: 'e2e', httpOptions: { baseUrl: google.url } });
  const images = cancelable(ai);
  const exchanges = new Map<string, Exchange[]>();
  const sockets = new Map<Socket, number>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const [way = '', name = ''] = (request.url ?? '').split('/').slice(-2);
    if (request.method === 'DELETE') void cancel(exchanges.get(name) ?? [], response);
    else serve(images, name, way === 'stream', exchanges, request, response);
  };
  const servers = [createServer(handle), createServer(handle)];
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      socket.once('close', () => sockets.delete(socket));
      sockets.set(socket, socket.listenerCount('close'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const [port = 0, secondPort = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(end));
    await images.close();
    await google.close();
    emulator.reset();
  };
  return { port, secondPort, emulator, images, exchanges, sockets, close };
}

function serve(
  images: CancelableImages,
  name: string,
  isStream: boolean,
  exchanges: Map<string, Exchange[]>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const signal = signalFromRequest(request, response);
  const operation = images.start({ model: 'gemini-3.1-flash-image', prompt: name }, { cancelSignal: signal });
  const timer = isStream ? setInterval(() => response.write(': working\n\n'), HEARTBEAT_MS) : undefined;
  if (isStream) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  const settled = operation.result().then(
    ({ generatedImages }) => {
      clearInterval(timer);
      response.end(`data: ${generatedImages[0]?.image?.imageBytes ?? ''}\n\n`);
    },
    () => {
      clearInterval(timer);
      if (!response.headersSent) response.writeHead(503);
      response.end();
    },
  );
  const exchange = {
    operation,
    settled,
    get left() {
      return signal.aborted;
    },
  };
  exchanges.set(name, [...(exchanges.get(name) ?? []), exchange]);
}

async function cancel(exchanges: readonly Exchange[], response: ServerResponse): Promise<void> {
  const reports = await Promise.all(exchanges.map(({ operation }) => operation.cancel()));
  response.end(reports.map(({ outcome }) => outcome).join());
}

function end(server: Server): Promise<unknown> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  return closed;
}
