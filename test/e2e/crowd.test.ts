import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApplication, type Application } from './application.js';
import { askHttp1 } from './client.js';
import { freePorts, startNginx } from './nginx.js';

const CLIENTS = 500;
/** The time in which they connect. */
const SPREAD_MS = 20_000;
const WORK_MS = 4_000;
/** A client that leaves does so before its image is finished. */
const PATIENCE_MS = 3_000;

interface Visit {
  readonly name: string;
  readonly leaves: boolean;
  readonly status: number | undefined;
  readonly body: string;
}

async function visit(port: number, index: number): Promise<Visit> {
  await delay(Math.random() * SPREAD_MS);
  const [name, leaves] = [`client-${index}`, Math.random() < 0.5];
  const call = askHttp1(port, `/${index % 3 === 0 ? 'stream' : 'silent'}/${name}`);
  if (leaves) {
    await delay(Math.random() * PATIENCE_MS);
    call.leave();
  }
  const answer = await call.answer.catch(() => undefined);
  return { name, leaves, status: answer?.status, body: answer?.body ?? '' };
}

/** Counts the timers, sockets and servers that hold this process, by kind. */
function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function signalListeners(): number[] {
  return ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'].map((name) => process.listenerCount(name));
}

describe.each([
  ['directly', false],
  ['through nginx, which keeps its connections', true],
])('500 clients connect and leave at random, %s', (_, isProxied) => {
  let application: Application;
  let visits: readonly Visit[];
  let stop: () => Promise<void> = () => Promise.resolve();
  let before: Record<string, number>;
  let listenersBefore: number[];

  beforeAll(async () => {
    application = await startApplication({ workMs: WORK_MS });
    let { port } = application;
    if (isProxied) {
      const [free = 0] = await freePorts(1);
      const nginx = await startNginx(
        `upstream app { server 127.0.0.1:${port}; keepalive 100; }
         server { listen 127.0.0.1:${free}; location / {
           proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
      );
      stop = () => nginx.stop();
      port = free;
    }
    before = handles();
    listenersBefore = signalListeners();
    visits = await Promise.all(Array.from({ length: CLIENTS }, (__, index) => visit(port, index)));
    // Requests arrive in order: after this one none of theirs is on its way.
    await askHttp1(port, '/silent/last').answer;
    await Promise.all([...application.exchanges.values()].flat().map(({ settled }) => settled));
    await application.emulator.waitFor((meter) => meter.running().length === 0);
  }, 100_000);

  afterAll(async () => {
    await stop();
    await application.close();
  });

  /** How the jobs of a client ended. */
  function jobsOf(name: string): readonly (string | undefined)[] {
    const { exchanges, emulator } = application;
    const names = (exchanges.get(name) ?? []).flatMap(({ operation }) => operation.jobs.map((job) => job.name));
    return emulator.meter.jobs.filter((job) => names.includes(job.name)).map(({ endReason }) => endReason);
  }

  it('every job of a client that left is cancelled', () => {
    const jobs = visits.filter(({ leaves }) => leaves).map(({ name }) => jobsOf(name));
    expect(jobs.flat().length).toBeGreaterThan(CLIENTS / 4);
    expect(new Set(jobs.flat())).toEqual(new Set(['cancelled']));
    expect(Math.max(...jobs.map(({ length }) => length))).toBe(1);
  });

  it('every image of a client that stayed is delivered, from one job', () => {
    const stayed = visits.filter(({ leaves }) => !leaves);
    expect(stayed.length).toBeGreaterThan(CLIENTS / 4);
    expect(stayed.filter(({ status, body }) => status !== 200 || !/data: \S{100,}/.test(body))).toEqual([]);
    expect(new Set(stayed.map(({ name }) => jobsOf(name).join()))).toEqual(new Set(['completed']));
  });

  it('the meter knows no job but theirs', () => {
    const all = [...application.exchanges.keys()].flatMap(jobsOf);
    expect(application.emulator.meter.jobs).toHaveLength(all.length);
  });

  it('no operation, listener or unanswered request is left', () => {
    expect(application.images.operations).toEqual([]);
    expect(signalListeners()).toEqual(listenersBefore);
    expect(application.emulator.meter.openStreams).toBe(0);
    for (const [socket, own] of application.sockets) expect(socket.listenerCount('close')).toBe(own);
  });

  it('no socket and no timer is left', { timeout: 60_000 }, async () => {
    await stop();
    stop = () => Promise.resolve();
    const more = (): string[] => {
      const after = handles();
      return Object.keys(after).filter((kind) => (after[kind] ?? 0) > (before[kind] ?? 0));
    };
    // Idle connections to Google are kept for some seconds, by undici.
    for (let turn = 0; turn < 150 && more().length > 0; turn++) await delay(200);
    expect(more()).toEqual([]);
    expect(application.sockets.size).toBe(0);
  });
});
