import { EventEmitter, once } from 'node:events';
import { createServer, get, request as send, Agent, IncomingMessage, ServerResponse, type Server } from 'node:http';
import * as http2 from 'node:http2';
import { connect, Socket, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signalFromRequest } from '../../src/http.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { leftOutOn } from '../support/runtime.js';

type Request = IncomingMessage | http2.Http2ServerRequest;
type Response = ServerResponse | http2.Http2ServerResponse;

/** A request that has come in, and its response. The application decides when to ask for the signal. */
interface Exchange {
  readonly request: Request;
  readonly response: Response;
  readonly signal: () => AbortSignal;
}

/** An application whose exchanges the test answers itself, in order of arrival. */
interface Application {
  readonly port: number;
  readonly next: () => Promise<Exchange>;
  /** Its side of the connections. */
  readonly sockets: Socket[];
}

async function listen(server: Server | http2.Http2Server): Promise<Application> {
  const arrivals = new EventEmitter();
  const exchanges: Exchange[] = [];
  const sockets: Socket[] = [];
  server.on('request', (request: Request, response: Response) => {
    exchanges.push({ request, response, signal: () => signalFromRequest(request, response) });
    arrivals.emit('one');
  });
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('sessionError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const next = async (): Promise<Exchange> => {
    if (exchanges.length === 0) await once(arrivals, 'one');
    const exchange = exchanges.shift();
    return exchange ?? next();
  };
  return { port: (server.address() as AddressInfo).port, next, sockets };
}

const http1 = (): Promise<Application> => listen(createServer());

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello';

function open({ port }: Application): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function openHttp2({ port }: Application): Promise<http2.ClientHttp2Session> {
  const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => undefined);
  onTestFinished(() => session.destroy());
  await once(session, 'connect');
  return session;
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return signal.aborted ? Promise.resolve() : once(signal, 'abort');
}

/** Listeners of a socket and of a response, by event. */
function listenersOf(emitter: EventEmitter): Record<string, number> {
  return Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));
}

/** Resolves when all that the last events caused has happened: two rounds over the loopback. */
async function quiet(application: Application): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const socket = open(application);
    await once(socket, 'connect');
    socket.destroy();
    await once(socket, 'close');
  }
}

function expectAbort({ aborted: isAborted, reason }: AbortSignal): void {
  expect(isAborted).toBe(true);
  expect(reason).toBeInstanceOf(Error);
  expect(reason).toMatchObject({ name: 'AbortError', message: expect.stringContaining('closed') as string });
}

const elsewhere = 'It is made for the servers of Node.';

describe('HTTP/1.1', leftOutOn({ Bun: elsewhere, Deno: elsewhere }), () => {
  it.each([
    ['closes', (socket: Socket) => socket.end()],
    ['breaks off', (socket: Socket) => socket.destroy()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('aborts when the client %s', async (_, leave) => {
    const application = await http1();
    const client = open(application);
    client.write(GET);
    const signal = (await application.next()).signal();
    expect(signal.aborted).toBe(false);
    leave(client);
    await aborted(signal);
    expectAbort(signal);
  });

  it('aborts when the client leaves in the middle of a response', async () => {
    const application = await http1();
    const client = open(application);
    client.write(GET);
    const { response, signal } = await application.next();
    const one = signal();
    (response as ServerResponse).write('a piece');
    await once(client, 'data');
    client.destroy();
    await aborted(one);
    expectAbort(one);
  });

  it.each([
    ['was read', (request: Request) => request.resume()],
    ['was not read', () => undefined],
  ])('aborts for a POST whose body %s', async (_, read) => {
    const application = await http1();
    const client = open(application);
    client.write(POST);
    const { request, signal } = await application.next();
    read(request);
    if (request.readableFlowing) await once(request, 'close');
    const one = signal();
    await quiet(application);
    expect(one.aborted).toBe(false);
    client.destroy();
    await aborted(one);
    expectAbort(one);
  });

  it('aborts for a large body that is dropped, once the client has gone', async () => {
    const application = await http1();
    const client = open(application);
    client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n${'x'.repeat(1_000_000)}`);
    const { request, signal } = await application.next();
    const one = signal();
    client.destroy();
    request.resume();
    await aborted(one);
    expectAbort(one);
  });

  it('is aborted from the start if the client had gone', async () => {
    const application = await http1();
    const client = open(application);
    client.write(POST);
    const { request, signal } = await application.next();
    client.destroy();
    await once(request.socket, 'close');
    expectAbort(signal());
  });

  it.each([
    ['during a response', (response: Response) => void response.destroy()],
    ['with an error', (response: Response) => void response.destroy(new Error('mine'))],
    ['by its socket', (response: Response) => void response.socket?.destroy()],
  ])('aborts when the application destroys the response %s', async (_, destroy) => {
    const application = await http1();
    open(application).write(GET);
    const { response, signal } = await application.next();
    const one = signal();
    response.socket?.on('error', () => undefined);
    destroy(response);
    await aborted(one);
    expectAbort(one);
    expectAbort(signal());
  });

  it('is aborted from the start if the application had destroyed the response', async () => {
    const application = await http1();
    open(application).write(GET);
    const { response, signal } = await application.next();
    response.destroy();
    expectAbort(signal());
  });

  it('never aborts after end(), whenever the client leaves', async () => {
    const application = await http1();
    const client = open(application);
    client.write(GET);
    const { response, signal } = await application.next();
    const before = signal();
    // More than the buffers of the system hold: it is not flushed when the client leaves.
    (response as ServerResponse).end('x'.repeat(30_000_000));
    await once(client, 'data');
    client.resetAndDestroy();
    await once(response, 'close');
    await quiet(application);
    expect(before.aborted).toBe(false);
    expect(signal().aborted).toBe(false);
  });

  it('never aborts when it is asked for after end()', async () => {
    const application = await http1();
    const client = open(application);
    client.write(GET);
    const { request, response, signal } = await application.next();
    const listeners = listenersOf(request.socket);
    (response as ServerResponse).end('done');
    const one = signal();
    expect(listenersOf(request.socket)).toEqual(listeners);
    await once(client, 'data');
    client.destroy();
    await quiet(application);
    expect(one.aborted).toBe(false);
  });

  it('leaves nothing on a connection that is kept, and aborts only the request that is cut', async () => {
    const application = await http1();
    const client = open(application);
    await once(client, 'connect');
    let before: Record<string, number> | undefined;
    const signals: AbortSignal[] = [];
    for (let turn = 0; turn < 30; turn++) {
      client.write(turn % 2 === 0 ? GET : POST);
      const { request, response, signal } = await application.next();
      signals.push(signal());
      (response as ServerResponse).end('done');
      await Promise.all([once(response, 'close'), once(client, 'data')]);
      before ??= listenersOf(request.socket);
      expect(listenersOf(request.socket)).toEqual(before);
      expect(response.eventNames()).not.toContain('newListener');
    }
    client.write(GET);
    const last = (await application.next()).signal();
    client.destroy();
    await aborted(last);
    expect(signals.filter((one) => one.aborted)).toEqual([]);
    expect(application.sockets).toHaveLength(1);
  });

  it('aborts every pipelined request that is not answered, also those whose turn has not come', async () => {
    const application = await http1();
    const client = open(application);
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    client.write(GET + POST + GET.repeat(20));
    const exchanges: Exchange[] = [];
    while (exchanges.length < 22) exchanges.push(await application.next());
    const [first, second] = exchanges;
    second?.request.resume();
    const signals = exchanges.map(({ signal }) => signal());
    (first?.response as ServerResponse).end('done');
    // Its turn has not come, but it has ended.
    (exchanges[5]?.response as ServerResponse).end('done');
    await once(client, 'data');
    client.destroy();
    await Promise.all(signals.filter((_, index) => index !== 0 && index !== 5).map(aborted));
    expect(signals[0]?.aborted).toBe(false);
    expect(signals[5]?.aborted).toBe(false);
    await quiet(application);
    expect(warnings).toEqual([]);
  });

  it('aborts at once for a pipelined response that is destroyed before its turn', async () => {
    const application = await http1();
    open(application).write(GET + GET);
    const [first, second] = [await application.next(), await application.next()];
    const [one, two] = [first.signal(), second.signal()];
    second.response.destroy();
    // Node 24 says it in a tick of its own.
    await new Promise((resolve) => process.nextTick(resolve));
    expectAbort(two);
    expect(one.aborted).toBe(false);
  });

  it('does not abort for HEAD, whose response has no body', async () => {
    const application = await http1();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const call = send({ port: application.port, host: '127.0.0.1', method: 'HEAD', agent }).end();
    const { response, signal } = await application.next();
    const one = signal();
    (response as ServerResponse).flushHeaders();
    await once(call, 'response');
    await quiet(application);
    expect(one.aborted).toBe(false);
    (response as ServerResponse).end();
    await once(response, 'close');
    expect(one.aborted).toBe(false);
  });

  it('does not abort for HTTP/1.0, where the server closes', async () => {
    const application = await http1();
    const client = open(application);
    client.write('GET / HTTP/1.0\r\n\r\n');
    const { response, signal } = await application.next();
    const one = signal();
    (response as ServerResponse).end('done');
    await once(client.resume(), 'close');
    await quiet(application);
    expect(one.aborted).toBe(false);
  });

  it('gives one signal for one response, and adds no listener the second time', async () => {
    const application = await http1();
    open(application).write(GET);
    const { request, response, signal } = await application.next();
    const one = signal();
    const [onSocket, onResponse] = [listenersOf(request.socket), listenersOf(response)];
    for (let turn = 0; turn < 20; turn++) expect(signal()).toBe(one);
    expect(listenersOf(request.socket)).toEqual(onSocket);
    expect(listenersOf(response)).toEqual(onResponse);
  });

  it('takes all its listeners off when the client has gone', async () => {
    const application = await http1();
    const client = open(application);
    client.write(GET);
    const { request, response, signal } = await application.next();
    const [onSocket, onResponse] = [listenersOf(request.socket), listenersOf(response)];
    const one = signal();
    client.destroy();
    await aborted(one);
    await quiet(application);
    for (const [name, count] of Object.entries(listenersOf(response))) expect(count).toBe(onResponse[name]);
    for (const [name, count] of Object.entries(listenersOf(request.socket))) {
      expect(count).toBeLessThanOrEqual(onSocket[name] ?? 0);
    }
  });

  it('aborts although nobody refers to the signal but a listener, after a garbage collection', async () => {
    const application = await http1();
    const client = open(application);
    client.write(GET);
    const { signal } = await application.next();
    const done = new Promise((resolve) => signal().addEventListener('abort', resolve));
    collectGarbage();
    client.destroy();
    await done;
  });
});

describe('HTTP/2', leftOutOn({ Bun: elsewhere, Deno: elsewhere }), () => {
  const http2Server = (): Promise<Application> => listen(http2.createServer());
  const codes = http2.constants;

  it.each([
    ['cancels the stream', (stream: http2.ClientHttp2Stream) => stream.close(codes.NGHTTP2_CANCEL)],
    ['closes the stream without an error', (stream: http2.ClientHttp2Stream) => stream.close()],
    ['destroys the stream', (stream: http2.ClientHttp2Stream) => stream.destroy()],
    ['drops the connection', (stream: http2.ClientHttp2Stream) => stream.session?.destroy()],
  ])('aborts when the client %s', async (_, leave) => {
    const application = await http2Server();
    const session = await openHttp2(application);
    const stream = session.request({ ':path': '/' }).on('error', () => undefined);
    const signal = (await application.next()).signal();
    leave(stream);
    await aborted(signal);
    expectAbort(signal);
  });

  it('aborts only the stream that is cancelled', async () => {
    const application = await http2Server();
    const session = await openHttp2(application);
    const first = session.request({ ':path': '/' });
    session.request({ ':path': '/' });
    const [one, two] = [(await application.next()).signal(), (await application.next()).signal()];
    first.close(codes.NGHTTP2_CANCEL);
    await aborted(one);
    await quiet(application);
    expect(two.aborted).toBe(false);
  });

  it('aborts for a POST whose body is not read', async () => {
    const application = await http2Server();
    const session = await openHttp2(application);
    const stream = session.request({ ':path': '/', ':method': 'POST' });
    stream.write('x'.repeat(1_000_000));
    const signal = (await application.next()).signal();
    stream.close();
    await aborted(signal);
    expectAbort(signal);
  });

  it('is aborted from the start if the client had gone, or the response was destroyed', async () => {
    const application = await http2Server();
    const session = await openHttp2(application);
    const stream = session.request({ ':path': '/' });
    const gone = await application.next();
    stream.close(codes.NGHTTP2_CANCEL);
    await once(gone.response, 'close');
    expectAbort(gone.signal());
    session.request({ ':path': '/' }).on('error', () => undefined);
    const { response, signal } = await application.next();
    (response as http2.Http2ServerResponse).stream.destroy();
    expectAbort(signal());
  });

  it('aborts when the application destroys an unfinished response', async () => {
    const application = await http2Server();
    const session = await openHttp2(application);
    session.request({ ':path': '/' }).on('error', () => undefined);
    const { response, signal } = await application.next();
    const one = signal();
    response.destroy();
    await aborted(one);
    expectAbort(one);
  });

  it('never aborts after end()', async () => {
    const application = await http2Server();
    const session = await openHttp2(application);
    const stream = session.request({ ':path': '/' }).on('error', () => undefined);
    const { response, signal } = await application.next();
    const one = signal();
    (response as http2.Http2ServerResponse).end('x'.repeat(30_000_000));
    await once(stream, 'data');
    stream.close(codes.NGHTTP2_CANCEL);
    await once(response, 'close');
    session.destroy();
    await quiet(application);
    expect(one.aborted).toBe(false);
    expect(signal().aborted).toBe(false);
  });

  it('does not abort for HEAD, whose stream ends with its headers', async () => {
    const application = await http2Server();
    const session = await openHttp2(application);
    const stream = session.request({ ':path': '/', ':method': 'HEAD' });
    const { response, signal } = await application.next();
    const one = signal();
    (response as http2.Http2ServerResponse).writeHead(200);
    await once(stream.resume(), 'close');
    await quiet(application);
    expect(one.aborted).toBe(false);
    expect(signal().aborted).toBe(false);
  });
});

describe('what is no request or response of Node', () => {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  const anything = {} as never;

  it.each([
    ['a web Request', () => signalFromRequest(new Request('http://a') as never, response)],
    ['a web Request alone', () => (signalFromRequest as (one: unknown) => AbortSignal)(new Request('http://a'))],
    ['a web Response', () => signalFromRequest(request, new Response() as never)],
    ['the wrong order', () => signalFromRequest(response as never, request as never)],
    ['a stream', () => signalFromRequest(Readable.from([]) as never, response)],
    ['a socket', () => signalFromRequest(new Socket() as never, response)],
    ['an object', () => signalFromRequest(anything, response)],
    ['nothing', () => signalFromRequest(undefined as never, undefined as never)],
    ['null', () => signalFromRequest(request, null as never)],
    [
      'a request of a client',
      () => signalFromRequest(request, get('http://127.0.0.1:1').on('error', Boolean) as never),
    ],
    ['a wrapper', () => signalFromRequest({ raw: request } as never, { raw: response } as never)],
  ])('refuses %s', (_, call) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(/^Expected `(request|response)` to be a (request|response) of Node's http or http2, got /);
  });

  it('takes an injected request, which belongs to its response', () => {
    const injected = Object.assign(Readable.from([]), { socket: new EventEmitter() });
    const one = signalFromRequest(injected as never, new ServerResponse(injected as never));
    expect(one.aborted).toBe(false);
  });
});
