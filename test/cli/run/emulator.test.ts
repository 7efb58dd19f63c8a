import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { CommandProcess, runHere } from './cli.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LINES = /^export GOOGLE_GEMINI_BASE_URL=(http:\/\/127\.0\.0\.1:\d+)\nexport GEMINI_API_KEY=emulator\n/;
const MODEL = 'gemini-3.1-flash-image';

/** Starts the command, and resolves when it serves. */
async function serve(...args: string[]) {
  const cli = new CommandProcess(['emulator', ...args], {});
  const [, url = ''] = await cli.says(LINES);
  /** Sends a request as a program without any SDK does. */
  const ask = async (path: string, body: object = {}, method = 'POST') => {
    const key = { 'x-goog-api-key': 'any', 'content-type': 'application/json' };
    const send = method === 'GET' ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}/v1beta/${path}`, { method, headers: key, ...send });
    return { status: answer.status, body: (await answer.json()) as { id: string; status: string } };
  };
  return { cli, url, ask };
}

const create = { model: MODEL, input: 'a fox', background: true };

/** The lines that a user types, and nothing else: each program finds the emulator by the two lines alone. */
const SHELL = `
node "$ROOT/dist/cli.js" emulator --work-seconds 0.1 >env.sh 2>meter.txt &
until [ -s env.sh ]; do sleep 0.1; done
. ./env.sh
node plain.mjs
$ASK
node "$ROOT/dist/cli.js" generate 'a fox' --no-journal
kill -INT $!
wait $!
echo "ended $?"
cat meter.txt
`;

const PLAIN = `
const { GoogleGenAI } = await import(process.env.SDK);
const { id } = await new GoogleGenAI({}).interactions.create(${JSON.stringify({ model: MODEL, input: 'a fox' })});
console.log('plain', typeof id);
`;

const CONTENTS = JSON.stringify({ contents: [{ parts: [{ text: 'a fox' }] }] });
const CURL = `curl -sS -o /dev/null -w 'curl %{http_code}\\n' "$GOOGLE_GEMINI_BASE_URL/v1beta/models/${MODEL}:generateContent" \\
  -H "x-goog-api-key: $GEMINI_API_KEY" -H 'content-type: application/json' -d '${CONTENTS}'`;
const FETCH = `node -e "fetch(process.env.GOOGLE_GEMINI_BASE_URL + '/v1beta/models/${MODEL}:generateContent', { method: 'POST',
  headers: { 'x-goog-api-key': process.env.GEMINI_API_KEY }, body: process.argv[1] }).then(({ status }) => console.log('curl', status))" '${CONTENTS}'`;
const hasCurl = spawnSync('curl', ['--version']).status === 0;

test('a script of the SDK, a request of curl and the command itself need its two lines, and no other change', async () => {
  const cwd = temporaryFolder();
  const { PATH = '' } = process.env;
  const sdk = import.meta.resolve('@google/genai');
  const env = { PATH, ROOT, SDK: sdk, ASK: '', XDG_STATE_HOME: cwd, PLAIN };
  const script = `printf '%s' "$PLAIN" >plain.mjs${SHELL.replace('$ASK', () => (hasCurl ? CURL : FETCH))}`;
  const shell = spawn('sh', ['-c', script], { cwd, env });
  let text = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (piece) => (text += String(piece)));
  await once(shell, 'close');
  expect(text).toMatch(/^plain string$/m);
  expect(text).toMatch(/^curl 200$/m);
  expect(text).toMatch(/^image-1\.jpg$/m);
  expect(text).toMatch(/^ended 130$/m);
  expect(readdirSync(cwd)).toContain('image-1.jpg');
  expect(text).toMatch(/^Requests: \d+\. Jobs: 3 \(3 completed\)\. The emulated GPU worked for \d\.\d of the 0\.3 s/m);
});

test('the meter says each change of a job, and each request that was refused', async () => {
  const { cli, ask } = await serve('--queue-seconds', '0.1', '--work-seconds', '60');
  const { body } = await ask('interactions', create);
  const name = `interactions/${body.id}`;
  await cli.says(new RegExp(`^${name}: in_progress$`, 'm'));
  await ask(`${name}/cancel`);
  await ask('nothing/here');
  cli.kill('SIGTERM');
  const { signal, stdout, stderr } = await cli.ended;
  expect(signal).toBe('SIGTERM');
  expect(stdout).toMatch(new RegExp(`${LINES.source}$`));
  expect(stderr.split('\n')).toEqual([
    `${name}: queued`,
    `${name}: in_progress`,
    expect.stringMatching(/^interactions\/.*: cancelled after \d\.\d of 60\.0 s$/),
    'request 3, POST /v1beta/nothing/here: 404',
    expect.stringMatching(/^Requests: 3\. Jobs: 1 \(1 cancelled\)\. The emulated GPU worked for \d\.\d of the 60\.0 s/),
    '',
  ]);
});

test('an image that nobody waits for any more is said to be worked on', async () => {
  const { cli, url } = await serve('--work-seconds', '60');
  const controller = new AbortController();
  const headers = { 'x-goog-api-key': 'any' };
  const address = `${url}/v1beta/models/${MODEL}:generateContent`;
  const asked = fetch(address, { method: 'POST', headers, body: CONTENTS, signal: controller.signal });
  await cli.says(/^generateContent \(job 1\): in_progress$/m);
  controller.abort();
  await expect(asked).rejects.toThrow();
  await cli.says(/^generateContent \(job 1\): in_progress; its client has left$/m);
});

describe('the worlds', () => {
  test.each([
    ['A', [200, 200, 200]],
    ['B', [200, 403, 403]],
    ['C', [400, undefined, undefined]],
  ])('%s: a background job, its read and its cancel', async (world, expected) => {
    const { ask } = await serve('--world', world, '--work-seconds', '60');
    const { status, body } = await ask('interactions', create);
    const read = status === 200 ? await ask(`interactions/${body.id}`, {}, 'GET') : undefined;
    const cancel = status === 200 ? await ask(`interactions/${body.id}/cancel`) : undefined;
    expect([status, read?.status, cancel?.status]).toEqual(expected);
  });
});

test('faults strike, in their order', async () => {
  const faults = [
    { kind: 'status', status: 503, route: 'create', times: 1 },
    { kind: 'status', status: 429, times: 1 },
  ];
  const { ask } = await serve(...faults.flatMap((fault) => ['--fault', JSON.stringify(fault)]));
  const statuses = [
    await ask('interactions', create),
    await ask('interactions', create),
    await ask('interactions', create),
  ];
  expect(statuses.map(({ status }) => status)).toEqual([503, 429, 200]);
});

describe('what cannot be', () => {
  test.each([
    [['--fault', '{"kind":"sulk"}'], 'Unknown kind of fault `sulk`. Known: status,'],
    [['--fault', '{"kind":"status"}'], 'The fault `status` needs `status`'],
    [['--fault', '{"kind":"hang","rute":"get"}'], 'Unknown field of the fault `hang` `rute`'],
    [['--fault', '{"kind":"silent","route":"cancel"}'], 'never strikes on the route `cancel`'],
    [['--fault', '{"kind":["hang"]}'], 'to be a string'],
    [['--fault', '7'], 'Expected `fault` to be an object'],
    [['--fault', 'null'], 'Expected `fault` to be an object'],
    [['--fault', '{kind}'], '--fault has to be JSON'],
    [['--world', 'D'], '--world has to be one of A, B, C'],
    [['--port', '65536'], '--port'],
    [['--port', '1.5'], '--port'],
    [['--work-seconds', 'long'], '--work-seconds'],
    [['--work-seconds', '9'.repeat(400)], 'workMs'],
    [['now'], 'options only'],
  ])('%j: exit code 2', async (args, words) => {
    const ended = await runHere(['emulator', ...args], {});
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(words);
  });

  test('a port that is in use: exit code 1, and the port by name', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const ended = await runHere(['emulator', '--port', String(port)], {});
    server.close();
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(`port ${port} (listen EADDRINUSE`);
  });
});

test('a second signal ends it, too, and its reader may have gone', async () => {
  const { cli } = await serve();
  cli.breakPipe('stderr');
  cli.kill('SIGINT');
  cli.kill('SIGINT');
  expect(await cli.ended).toMatchObject({ signal: 'SIGINT' });
});
