import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationState } from '../../src/node.js';
import { startApplication, type Application, type Exchange } from './application.js';
import { openClient, type Answer, type Client } from './client.js';
import { freePorts, startNginx, type Nginx } from './nginx.js';
import { configurations, expectTable } from './tables.js';

const WORK_MS = 7_000;
const READ_TIMEOUT = 'proxy_read_timeout 3s';
const IGNORE = 'proxy_ignore_client_abort on';
const UNBUFFERED = 'proxy_buffering off';
/** Two upstream servers, the second for requests that the first did not answer. */
const TWO = 'two servers in `upstream`';

type Way = 'leaves' | 'leaves, then sends DELETE' | 'sends DELETE' | 'stays';

/** One row of the table: what nginx is told, what the handler does, and what the client does. */
interface Case {
  readonly nginx: readonly string[];
  readonly handler: 'silent' | 'stream';
  readonly way: Way;
  readonly method?: 'GET';
}

const CASES: readonly Case[] = [
  ...[[], [UNBUFFERED], [IGNORE], [IGNORE, UNBUFFERED]].flatMap((nginx): Case[] => [
    { nginx, handler: 'silent', way: 'leaves' },
    { nginx, handler: 'stream', way: 'leaves' },
  ]),
  { nginx: [], handler: 'silent', way: 'sends DELETE' },
  { nginx: [IGNORE], handler: 'silent', way: 'leaves, then sends DELETE' },
  { nginx: [], handler: 'silent', way: 'stays' },
  { nginx: [], handler: 'stream', way: 'stays' },
  { nginx: [UNBUFFERED], handler: 'stream', way: 'stays' },
  { nginx: [READ_TIMEOUT], handler: 'silent', way: 'stays' },
  { nginx: [READ_TIMEOUT, IGNORE], handler: 'silent', way: 'stays' },
  { nginx: [READ_TIMEOUT], handler: 'stream', way: 'stays' },
  { nginx: [READ_TIMEOUT, TWO], handler: 'silent', way: 'stays' },
  { nginx: [READ_TIMEOUT, TWO], handler: 'silent', way: 'stays', method: 'GET' },
];

const HEAD = ['nginx', 'handler', 'client', 'the application sees', 'the library', 'the meter', 'the client gets'];

/** The words for each final state of an operation. */
const DOES: Readonly<Partial<Record<OperationState, string>>> = { succeeded: 'delivers', cancelled: 'cancels' };

/** The protocol of the client, and the connections to the application, of each run. */
const VARIANTS = [
  ['HTTP/1.1', 'closed'],
  ['HTTP/1.1', 'kept'],
  ['HTTP/2', 'closed'],
  ['HTTP/2', 'kept'],
] as const;

let application: Application;
let nginx: Nginx;
let ports: Readonly<Record<'HTTP/1.1' | 'HTTP/2', number>>;

beforeAll(async () => {
  application = await startApplication({ workMs: WORK_MS });
  const [plain = 0, multiplexed = 0] = await freePorts(2);
  ports = { 'HTTP/1.1': plain, 'HTTP/2': multiplexed };
  nginx = await startNginx(directives());
  // The first image takes long: code is loaded and compiled.
  const client = await openClient('HTTP/1.1', application.port);
  await play(client, { nginx: [], handler: 'stream', way: 'leaves, then sends DELETE' }, '/first');
});

afterAll(async () => {
  await nginx.stop();
  await application.close();
});

/** A location for each case and each kind of connection to the application. */
function directives(): string {
  const { port, secondPort } = application;
  const kept = 'proxy_http_version 1.1; proxy_set_header Connection "";';
  const locations = CASES.flatMap(({ nginx: told }, index) =>
    ['closed', 'kept'].map((connection) => {
      const upstream = `${told.includes(TWO) ? 'two' : 'one'}_${connection}`;
      const rest = told.filter((one) => one !== TWO).map((one) => `${one};`);
      const words = [`proxy_pass http://${upstream}/;`, connection === 'kept' ? kept : '', ...rest];
      return `location /${index}/${connection}/ { ${words.join(' ')} }`;
    }),
  );
  // One case must not take a server away from another.
  const server = (...some: number[]): string => some.map((one) => `server 127.0.0.1:${one} max_fails=0;`).join(' ');
  const upstreams = ['closed', 'kept'].flatMap((connection) => {
    const keepalive = connection === 'kept' ? 'keepalive 64;' : '';
    return [
      `upstream one_${connection} { ${server(port)} ${keepalive} }`,
      `upstream two_${connection} { ${server(port, secondPort)} ${keepalive} }`,
    ];
  });
  const listens = `listen 127.0.0.1:${ports['HTTP/1.1']}; listen 127.0.0.1:${ports['HTTP/2']} http2;`;
  return `${upstreams.join('\n')}\nserver { ${listens}\n${locations.join('\n')}\n}`;
}

/** Resolves when the job of each of these exchanges runs and is watched. */
async function inFlight({ emulator, exchanges }: Application, name: string): Promise<void> {
  await emulator.waitFor(({ requests }) => {
    const [exchange] = exchanges.get(name) ?? [];
    const [job] = exchange?.operation.jobs ?? [];
    return requests.some(({ route, job: one, answeredAt }) => {
      return route === 'stream' && answeredAt !== undefined && one !== undefined && one === job?.name;
    });
  });
}

function jobsOf({ emulator }: Application, exchanges: readonly Exchange[]): string {
  const names = exchanges.flatMap(({ operation }) => operation.jobs.map(({ name }) => name));
  const jobs = emulator.meter.jobs.filter(({ name }) => names.includes(name));
  return `${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}: ${jobs.map(({ endReason }) => endReason).join(', ')}`;
}

async function play(client: Client, { handler, way, method }: Case, path: string): Promise<string[]> {
  const name = path.replaceAll('/', '-').slice(1);
  const call = client.ask(`${path}/${handler}/${name}`, method);
  if (way !== 'stays') await inFlight(application, name);
  if (way.startsWith('leaves')) call.leave();
  const deleted = way.endsWith('DELETE');
  if (deleted) await client.ask(`${path}/${handler}/${name}`, 'DELETE').answer;
  const answer = way.startsWith('leaves') ? undefined : await call.answer;
  const { emulator } = application;
  await emulator.waitFor(() => application.exchanges.has(name));
  const exchanges = application.exchanges.get(name) ?? [];
  await Promise.all(exchanges.map(({ settled }) => settled));
  await emulator.waitFor(() => exchanges.every(({ operation }) => operation.jobs.every((job) => ended(job.name))));
  const hasLeft = exchanges.some(({ left }) => left);
  const states = exchanges.map(({ operation: { state } }) => DOES[state] ?? state);
  const sees = [hasLeft ? 'a disconnect' : '', deleted ? 'the DELETE' : ''].filter(Boolean).join(', ') || 'nothing';
  return [sees, states.join(', '), jobsOf(application, exchanges), answer === undefined ? '' : told(answer, handler)];
}

function ended(name: string | undefined): boolean {
  return application.emulator.meter.jobs.some((job) => job.name === name && job.endedAt !== undefined);
}

function told({ status, body, pieces }: Answer, handler: Case['handler']): string {
  if (status !== 200) return `${status}`;
  expect(body).toMatch(/data: [\w+/=]{100,}/);
  if (handler === 'silent') return 'the image';
  return pieces > 2 ? 'lines as they are written' : 'all lines at the end';
}

/** One cell of several variants, which are named where they differ. */
function merge(cells: readonly string[]): string {
  const groups = [...new Set(cells)].map(
    (cell) => [cell, VARIANTS.filter((_, index) => cells[index] === cell)] as const,
  );
  if (groups.length === 1) return cells[0] ?? '';
  return groups.map(([cell, variants]) => `${labelOf(variants)}: ${cell}`).join('<br>');
}

/** Names variants by what all of them, and no others, have in common; else each of them. */
function labelOf(variants: readonly (typeof VARIANTS)[number][]): string {
  const common = VARIANTS.flat().find((word) =>
    VARIANTS.every((one) => variants.includes(one) === (one as readonly string[]).includes(word)),
  );
  return common ?? variants.map((one) => one.join(', ')).join('; ');
}

it('the table of what an application sees', { timeout: 150_000 }, async () => {
  const results: string[][][] = [];
  for (const [protocol, connection] of VARIANTS) {
    const client = await openClient(protocol, ports[protocol]);
    const one = (which: Case, index: number): Promise<string[]> =>
      play(client, which, `/${index}/${connection}/${protocol.replace('/', '')}`);
    results.push(await Promise.all(CASES.map(one)));
    client.close();
  }
  const rows = CASES.map(({ nginx: told, handler, way, method }, index) => {
    const cells = results[0]?.[index]?.map((_, column) => merge(results.map((rows) => rows[index]?.[column] ?? '')));
    const settings = told.map((one) => (one === TWO ? one : `\`${one}\``)).join(', ') || 'defaults';
    return [
      settings,
      handler === 'stream' ? 'streams' : handler,
      method === 'GET' ? `${way} (GET)` : way,
      ...(cells ?? []),
    ];
  });
  await expectTable('what an application sees', [HEAD, ...rows]);
});

describe('the configuration to copy', () => {
  it('tells the application of a disconnect, and streams', async () => {
    const [plain = 0, multiplexed = 0] = await freePorts(2);
    const text = (configurations()[0] ?? '')
      .replace('listen 80;', `listen 127.0.0.1:${plain}; listen 127.0.0.1:${multiplexed} http2;`)
      .replace('127.0.0.1:3000', `127.0.0.1:${application.port}`);
    expect(text).toContain(String(application.port));
    const copy = await startNginx(text);
    try {
      const tryOut = async (protocol: 'HTTP/1.1' | 'HTTP/2', port: number): Promise<void> => {
        const client = await openClient(protocol, port);
        const path = `/copied/${protocol.replace('/', '')}`;
        const [left, stayed] = await Promise.all([
          play(client, { nginx: [], handler: 'silent', way: 'leaves' }, `${path}/1`),
          play(client, { nginx: [], handler: 'stream', way: 'stays' }, `${path}/2`),
        ]);
        expect(left).toEqual(['a disconnect', 'cancels', '1 job: cancelled', '']);
        expect(stayed).toEqual(['nothing', 'delivers', '1 job: completed', 'lines as they are written']);
        client.close();
      };
      await Promise.all([tryOut('HTTP/1.1', plain), tryOut('HTTP/2', multiplexed)]);
    } finally {
      await copy.stop();
    }
  });
});
