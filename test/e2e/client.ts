import { once } from 'node:events';
import { request as send } from 'node:http';
import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { text } from 'node:stream/consumers';

/** An answer as a client saw it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** How many pieces of the body came at least a tick of 100 ms before its end. */
  readonly pieces: number;
}

/** A request that is under way. */
export interface Call {
  /** Rejects when the connection breaks. */
  readonly answer: Promise<Answer>;
  /** Goes away, as a browser does whose tab is closed. */
  leave(): void;
}

const PIECE_MS = 100;

async function read(status: number, body: NodeJS.ReadableStream): Promise<Answer> {
  const times: number[] = [];
  body.on('data', () => times.push(Date.now()));
  const all = await text(body);
  const now = Date.now();
  return { status, body: all, pieces: times.filter((time) => now - time > PIECE_MS).length };
}

/** Asks over a connection of its own. */
export function askHttp1(port: number, path: string, method = 'POST'): Call {
  const request = send({ port, host: '127.0.0.1', path, method, agent: false });
  const answer = new Promise<Answer>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => void read(response.statusCode ?? 0, response).then(resolve, reject));
  });
  answer.catch(() => undefined);
  request.end();
  return { answer, leave: () => void request.destroy() };
}

/** Asks over a connection that others share. */
function askHttp2(session: ClientHttp2Session, path: string, method: string): Call {
  const stream = session.request({ ':path': path, ':method': method });
  const answer = new Promise<Answer>((resolve, reject) => {
    stream.once('error', reject);
    stream.once('response', (headers) => void read(Number(headers[':status']), stream).then(resolve, reject));
  });
  answer.catch(() => undefined);
  stream.end();
  return { answer, leave: () => stream.close(constants.NGHTTP2_CANCEL) };
}

/** A way to ask, over one protocol. */
export interface Client {
  ask(path: string, method?: string): Call;
  close(): void;
}

export async function openClient(protocol: 'HTTP/1.1' | 'HTTP/2', port: number): Promise<Client> {
  if (protocol === 'HTTP/1.1') {
    return { ask: (path, method) => askHttp1(port, path, method), close: () => undefined };
  }
  const session = connect(`http://127.0.0.1:${port}`).on('error', () => undefined);
  await once(session, 'connect');
  return { ask: (path, method = 'POST') => askHttp2(session, path, method), close: () => session.destroy() };
}
