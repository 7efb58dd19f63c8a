import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { matchRoute, type Route } from '../../src/testing/routes.js';
import { leftOutFor } from './harness/script-command.js';
import { fixture, setUp } from './harness/set-up.js';

const MIB = 2 ** 20;
/** What Node and the SDK take by themselves, and what becomes of 128 MiB on their way into a string. */
const MOST_MIB = 1_000;

/** An image so large that nobody has it, and that is still answered. */
const IMAGE_BYTES = 100 * MIB;

const RUNNING = '{"id":"abc","status":"in_progress"}';
const COMPLETED = '{"id":"abc","status":"completed","steps":[]}';

interface Answer {
  readonly type?: string;
  readonly head?: string;
  /** So much of a letter comes next. */
  readonly bytes?: number;
  readonly tail?: string;
}

const json = (head: string): Answer => ({ head });

type Answers = Partial<Record<Route, Answer | ((brokenOff: number) => Answer)>>;

/** A server that answers each route as it is told, as fast as it can be read; `brokenOff` counts the answers that nobody wanted to the end. */
async function serve(answers: Answers): Promise<string> {
  let brokenOff = 0;
  const server = createServer((request, response) => {
    request.resume();
    const { route } = matchRoute(request.method ?? '', new URL(request.url ?? '', 'http://localhost'));
    const answer = answers[route] ?? json('{}');
    response.once('close', () => (brokenOff += response.writableFinished ? 0 : 1));
    void send(response, typeof answer === 'function' ? answer(brokenOff) : answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function send(response: ServerResponse, { type = 'application/json', head = '', bytes = 0, tail = '' }: Answer) {
  response.on('error', () => undefined);
  response.writeHead(200, { 'content-type': type });
  response.write(head);
  const closed = new Promise((resolve) => response.once('close', resolve));
  const piece = Buffer.alloc(MIB, 'A');
  for (let sent = 0; sent < bytes && !response.destroyed; sent += piece.length) {
    if (!response.write(piece)) {
      await Promise.race([new Promise((resolve) => response.once('drain', resolve)), closed]);
    }
  }
  response.end(tail);
}

const endless = { head: '{"id":"abc","status":"in_progress","x":"', bytes: Infinity };
const endlessLine = { type: 'text/event-stream', head: 'data: ', bytes: Infinity };
const options = { pollIntervalMs: 100, signals: false };

async function outcomeOf(how: string, answers: Answers): Promise<Record<string, unknown>> {
  const { run } = await setUp();
  const script = run(fixture('endless', how), { options, env: { EMULATOR_URL: await serve(answers) } });
  const { mebibytes, ...outcome } = (await script.value('outcome')) as Record<string, unknown>;
  expect(mebibytes).toBeLessThan(MOST_MIB);
  return outcome;
}

const unseen = 'Only the connections of Node can be seen, and broken off.';
const unlimited = leftOutFor({ Bun: unseen, Deno: unseen });

test('an answer to a create that does not end: nobody can tell what it has started', unlimited, async () => {
  const outcome = await outcomeOf('interactions', { create: endless });
  expect(outcome).toMatchObject({ name: 'SubmitUnknownError' });
});

test(
  'a status that does not end, and a line of a stream that does not: both are broken off, and tried again',
  unlimited,
  async () => {
    const outcome = await outcomeOf('interactions', {
      create: json(RUNNING),
      stream: endlessLine,
      get: (brokenOff) => (brokenOff < 3 ? endless : json(COMPLETED)),
    });
    expect(outcome).toEqual({ refusal: expect.any(String) as string });
  },
);

test('a synchronous answer that does not end', unlimited, async () => {
  const outcome = await outcomeOf('models', { generateContent: endless });
  expect(outcome).toMatchObject({ name: 'SubmitUnknownError' });
});

test('an event of 100 MB is an event', async () => {
  const stream = {
    type: 'text/event-stream',
    head: 'data: {"event_type":"step.delta","delta":{"type":"image","mime_type":"image/png","data":"',
    bytes: IMAGE_BYTES,
    tail: `"}}\n\ndata: {"event_type":"interaction.completed","interaction":${COMPLETED}}\n\n`,
  };
  const outcome = await outcomeOf('interactions', { create: json(RUNNING), get: json(RUNNING), stream });
  expect(outcome).toMatchObject({ bytes: IMAGE_BYTES });
});
