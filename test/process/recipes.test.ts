import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../cli/temporary-folder.js';
import { fixturePath, setUp, type PipedScript, type Stage } from './harness/set-up.js';
import { CANCELLED_ONCE, inFlight, wire } from './harness/wire.js';

const FOLDER = fileURLToPath(new URL('../../examples/recipes/', import.meta.url));
const MAX_LINES = 40;

const recipe = (name: string): string => `${FOLDER}${name}.mjs`;

function environment({ url }: Stage): Record<string, string> {
  return { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'a-recipe', PORT: '0' };
}

function start(stage: Stage, path: string, ...args: readonly string[]): PipedScript {
  return stage.run([process.execPath, path, ...args], { env: environment(stage) });
}

/** A server that runs, and its address. */
async function serve(stage: Stage, path: string): Promise<{ server: PipedScript; origin: string }> {
  const server = start(stage, path);
  const [origin] = await server.says(/http:\/\/[\w.[\]:]+:\d+/);
  return { server, origin };
}

function post(origin: string, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ prompt: 'a lighthouse in fog' });
  const headers = { 'content-type': 'application/json' };
  return fetch(`${origin}/image`, { method: 'POST', headers, body, signal: signal ?? null });
}

/** Resolves when nothing runs on the server any more, and tells what it saw. */
async function ended({ emulator }: Stage): Promise<ReturnType<typeof wire>> {
  await emulator.waitFor((meter) => meter.jobs.length > 0 && meter.running().length === 0);
  return wire(emulator);
}

test('each recipe has at most 40 lines', () => {
  const long = readdirSync(FOLDER).filter(
    (file) => readFileSync(`${FOLDER}${file}`, 'utf8').trimEnd().split('\n').length > MAX_LINES,
  );
  expect(long).toEqual([]);
});

describe.each([
  ['express', recipe('express')],
  ['fastify', recipe('fastify')],
  ['hono', recipe('hono')],
  ['next-route', fixturePath('next-server')],
  ['cloud-run', recipe('cloud-run')],
])('%s', (_, path) => {
  it('cancels the job of a client that leaves, and goes on serving', async () => {
    const stage = await setUp();
    const { server, origin } = await serve(stage, path);
    const controller = new AbortController();
    const answer = post(origin, controller.signal);
    await inFlight(stage.emulator);
    controller.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(await ended(stage)).toEqual(CANCELLED_ONCE);
    await server.says(/cancelled/);
    expect(server.child.exitCode).toBe(null);
  });

  it('delivers the image to a client that stays', async () => {
    const stage = await setUp({ workMs: 100 });
    const { origin } = await serve(stage, path);
    const answer = await post(origin);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^image\//);
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(100);
    expect(await ended(stage)).toEqual({ creates: 1, cancels: 0, jobs: ['completed'] });
  });
});

describe('cloud-run', () => {
  it('cancels on SIGTERM, tells the client, and ends by itself', async () => {
    const stage = await setUp();
    const { server, origin } = await serve(stage, recipe('cloud-run'));
    const answer = post(origin);
    await inFlight(stage.emulator);
    server.child.kill('SIGTERM');
    const { status, headers } = await answer;
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(await server.ended).toEqual([0, null]);
    expect(wire(stage.emulator)).toEqual(CANCELLED_ONCE);
    expect(server.output).toContain('closed');
  });
});

describe('own-sigint', () => {
  it('cancels, tells how it ended, and dies of SIGINT', async () => {
    const stage = await setUp();
    const script = start(stage, recipe('own-sigint'));
    await inFlight(stage.emulator, 2);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(wire(stage.emulator)).toEqual({ creates: 2, cancels: 2, jobs: ['cancelled', 'cancelled'] });
    expect(script.output).toMatch(/Stopping[^]*cancelled: 0 made, 2 cancelled/);
  });

  it('keeps an image that was finished', async () => {
    // The second job goes on until it is cancelled.
    const stage = await setUp({ workMs: 100, faults: [{ kind: 'end', status: 'pondering', job: 1 }] });
    const folder = temporaryFolder();
    const script = start(stage, recipe('own-sigint'), 'a fox', folder);
    await script.says(/image-\d\.jpg/);
    script.child.kill('SIGINT');
    expect(await script.ended).toEqual([null, 'SIGINT']);
    expect(script.output).toContain('partially-cancelled: 1 made, 1 cancelled');
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

describe('use-image', () => {
  it.each([
    ['the component is unmounted', 'SIGUSR2'],
    ['stop() is called', 'SIGUSR1'],
  ] as const)('cancels on the server when %s', async (_, signal) => {
    const stage = await setUp();
    const { origin } = await serve(stage, recipe('express'));
    const page = start(stage, fixturePath('react-page'), `${origin}/image`);
    await page.says(/status working/);
    await inFlight(stage.emulator);
    page.child.kill(signal);
    expect(await ended(stage)).toEqual(CANCELLED_ONCE);
    expect(await page.ended).toEqual([0, null]);
  });

  it('gives the image to a component that stays, once in StrictMode', async () => {
    const stage = await setUp({ workMs: 100 });
    const { origin } = await serve(stage, recipe('express'));
    const page = start(stage, fixturePath('react-page'), `${origin}/image`);
    await page.says(/status done/);
    expect(wire(stage.emulator)).toEqual({ creates: 1, cancels: 0, jobs: ['completed'] });
  });
});

describe('mcp', () => {
  async function connect(stage: Stage): Promise<{ client: Client; transport: StdioClientTransport }> {
    const env = { ...(process.env as Record<string, string>), ...environment(stage) };
    const transport = new StdioClientTransport({ command: process.execPath, args: [recipe('mcp')], env });
    const client = new Client({ name: 'a-client', version: '1.0.0' });
    await client.connect(transport);
    onTestFinished(() => client.close());
    return { client, transport };
  }
  const tool = { name: 'make_image', arguments: { prompt: 'a lighthouse' } };

  it('cancels when the client sends notifications/cancelled, and serves the next call', async () => {
    const stage = await setUp();
    const { client } = await connect(stage);
    const controller = new AbortController();
    const call = client.callTool(tool, undefined, { signal: controller.signal });
    await inFlight(stage.emulator);
    controller.abort('the user pressed stop');
    await expect(call).rejects.toThrow('stop');
    expect(await ended(stage)).toEqual(CANCELLED_ONCE);
    expect((await client.listTools()).tools).toHaveLength(1);
  });

  it('cancels when stdin is closed, and ends', async () => {
    const stage = await setUp();
    const { client, transport } = await connect(stage);
    const pid = transport.pid ?? 0;
    const call = client.callTool(tool).catch(String);
    await inFlight(stage.emulator);
    // It closes stdin, and kills after 2 s.
    const closed = client.close();
    expect(await ended(stage)).toEqual(CANCELLED_ONCE);
    await Promise.all([closed, call]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('answers with the image', async () => {
    const stage = await setUp({ workMs: 100 });
    const { client } = await connect(stage);
    const { content } = await client.callTool(tool);
    expect(content).toMatchObject([{ type: 'image', mimeType: expect.stringMatching(/^image\//) as string }]);
  });
});
